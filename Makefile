# SPDX-License-Identifier: Apache-2.0
# Two commands: `make demo` and `make test`. Each sets up what it needs (see deploy/setup-venv).
PY := .venv/bin/python

.PHONY: demo test netns crash sim simnodes tamper torture rotations clocks restores evil bench check fix proto docs catalogue lock runtime dev tools

demo: runtime
	.venv/bin/fanal demo

# Two workers, one for each core of a small machine. ALONE are the tests that judge how long something took, and the
# demo, which does: a neighbour's load would decide. Every other test only waits; its patience bounds a failure.
ALONE = tests/netns tests/demo/test_demo_runs.py tests/service/test_slow_line.py tests/torture/test_life.py
test: dev tools
	$(PY) -m pytest -q -n 2 --dist loadfile -m "not process"
	$(PY) -m pytest -q -n 2 --dist loadfile -m process $(ALONE:%=--ignore=%)
	$(PY) -m pytest -q $(ALONE)

# A longer campaign of kills: CRASH_ROUNDS=20 make crash
crash: dev
	$(PY) -m pytest -q -s tests/crash

# Ten nodes in network namespaces, parted 50 times; needs root: NETNS_PARTITIONS=200 NETNS_SEED=7 make netns
netns: dev tools
	NETNS_PARTITIONS=$${NETNS_PARTITIONS:-50} $(PY) -m pytest -q -s tests/netns

# A longer campaign of keys rotated under load: ROTATIONS=200 make rotations
rotations: dev
	ROTATIONS=$${ROTATIONS:-1000} $(PY) -m pytest -q -s tests/operation/test_rotation.py

# A longer campaign of a clock that jumps under load: JUMPS=50 make clocks
clocks: dev
	JUMPS=$${JUMPS:-200} $(PY) -m pytest -q -s tests/operation/test_clock.py

# Networks in memory under seeded faults (docs/simulator.md): SIM_SEEDS=4000 make sim
sim: dev
	SIM_SEEDS=$${SIM_SEEDS:-500} $(PY) -m pytest -q -s tests/sim/test_sim_sweep.py

# Whole nodes with their stores, officers and courier files under such faults: SIM_SEEDS=1000 make simnodes
simnodes: dev
	SIM_FIRST=$${SIM_FIRST:-0} SIM_SEEDS=$${SIM_SEEDS:-100} $(PY) -m pytest -q -s tests/sim/test_whole_sweep.py

# A longer campaign of restored and copied data folders: RESTORES=4000 make restores
restores: dev
	RESTORES=$${RESTORES:-400} $(PY) -m pytest -q -s tests/forks/test_restored_folders.py

# A longer campaign of attacks on a data folder: TAMPER_ATTACKS=20000 TAMPER_SEED=7 make tamper
tamper: dev
	TAMPER_ATTACKS=$${TAMPER_ATTACKS:-5000} $(PY) -m pytest -q -s tests/tamper

# Crash and disk, in full: TORTURE names the parts; TORTURE_STATES, TORTURE_NOTICES, TORTURE_RUNS, TORTURE_FLIPS,
# TORTURE_SMALL_KILLS, TORTURE_UPGRADES, TORTURE_KILLS, TORTURE_RACES, TORTURE_ENDS, TORTURE_MEMORY_ENDS and
# TORTURE_SEED are how much. A slice of each runs in `make test`.
TORTURE ?= small_kills kills power io flips life upgrades
torture: dev tools
	TORTURE_STATES=$${TORTURE_STATES:-50000} TORTURE_RUNS=$${TORTURE_RUNS:-97} TORTURE_FLIPS=$${TORTURE_FLIPS:-5000} \
	TORTURE_SMALL_KILLS=$${TORTURE_SMALL_KILLS:-10000} TORTURE_UPGRADES=$${TORTURE_UPGRADES:-1} \
	TORTURE_KILLS=$${TORTURE_KILLS:-200} TORTURE_RACES=$${TORTURE_RACES:-200} TORTURE_ENDS=$${TORTURE_ENDS:-200} \
	TORTURE_MEMORY_ENDS=$${TORTURE_MEMORY_ENDS:-50} \
	$(PY) -m pytest -q -s $(TORTURE:%=tests/torture/test_%.py)

# A longer mix of what an evil peer does: EVIL_ACTIONS=100000 EVIL_SEED=8 make evil
evil: dev
	EVIL_ACTIONS=$${EVIL_ACTIONS:-10000} EVIL_DOORS=all $(PY) -m pytest -q -s tests/evil

# Figures beside yardsticks of the same run (bench/README.md); BENCH=--busy on a machine that is not calm.
bench: dev
	$(PY) bench/sizes.py
	$(PY) bench/stored_bytes.py
	$(PY) bench/audit_rate.py $(BENCH)
	$(PY) bench/one_hop.py $(BENCH)
	$(PY) bench/slow_line.py $(BENCH)
	$(PY) bench/dissemination.py --hosts 50

check: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=proto:keys:config:node:cli .venv/bin/lint-imports --no-cache
	$(PY) docs/check_docs.py

fix: dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# Regenerates the committed code of the schema; a test compares it.
proto: dev
	cd proto && ../$(PY) -m grpc_tools.protoc -I. --python_out=. --pyi_out=. fanal/v1/*.proto
	cd proto && ../$(PY) -m grpc_tools.protoc -I. --grpc_python_out=. fanal/v1/peer.proto fanal/v1/officer.proto

# Rewrites the generated parts of README and docs from the program itself.
docs: dev
	$(PY) docs/check_docs.py --write

# Gathers what a person may read for translators, into build/fanal.pot.
catalogue: dev
	$(PY) docs/catalogue.py

# Renews the hash locks. No index address may stand in them, so pip's own settings are left out.
COMPILE = env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null .venv/bin/pip-compile -q \
	--generate-hashes --allow-unsafe --no-strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: dev
	$(PY) -m pip install --quiet pip-tools
	$(COMPILE) -o deploy/requirements/runtime.lock pyproject.toml deploy/requirements/build.in
	$(COMPILE) --extra dev -c deploy/requirements/runtime.lock -o deploy/requirements/dev.lock pyproject.toml deploy/requirements/build.in

runtime:
	@deploy/setup-venv runtime

dev:
	@deploy/setup-venv dev

# Tools that are not ours check what we sign; as root they are installed when missing. Without Go's modules or
# minisign the second implementation takes their place (docs/protocol.md, "Outside eyes").
APT = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq
GO_MOD = /usr/share/gocode/src/golang.org/x/mod/sumdb/note
tools:
	@command -v openssl >/dev/null || { [ "$$(id -u)" = 0 ] && $(APT) openssl; } \
	  || { echo "error: the tests need openssl: apt-get install openssl" >&2; exit 1; }
	@[ "$$(id -u)" != 0 ] || command -v ip >/dev/null || { $(APT) iproute2 >/dev/null; } \
	  || echo "note: without iproute2 tests/netns does not run" >&2
	@command -v cc >/dev/null || { [ "$$(id -u)" = 0 ] && $(APT) gcc libc6-dev >/dev/null; } \
	  || { echo "error: the tests of disk faults need a C compiler: apt-get install gcc libc6-dev" >&2; exit 1; }
	@{ command -v minisign && command -v go && [ -d $(GO_MOD) ]; } >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && $(APT) minisign golang-go golang-golang-x-mod-dev >/dev/null; } \
	  || echo "note: without minisign and golang-golang-x-mod-dev our second implementation stands in for them" >&2
