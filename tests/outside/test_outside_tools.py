# SPDX-License-Identifier: Apache-2.0
"""Tools that are not ours verify what we sign: openssl, coreutils with bash, minisign, Go's sumdb packages.

openssl, bash and sha256sum are needed. Where Go with golang.org/x/mod or minisign cannot be had, the second
implementation takes their place, as docs/protocol.md says ("Outside eyes").
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import frompage
import frompage_kinds
import frompage_signed
import pytest
from vectorkit.case import Case, every, named

pytestmark = pytest.mark.process

REPO = Path(__file__).resolve().parents[2]
GO_MODULE = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/note")
"""Where Debian's golang-golang-x-mod-dev puts the module."""
SPKI = bytes.fromhex("302a300506032b6570032100")


def run(*command: str, cwd: Path, data: bytes | None = None, env: dict[str, str] | None = None) -> int:
    """The exit code; nobody answers a prompt."""
    return subprocess.run(command, cwd=cwd, input=data, env=env, capture_output=True, timeout=300).returncode


def of_kind(kind: str) -> list[Case]:
    return [case for case in every() if case.kind == kind]


# --- openssl and the DSSE PAE ----------------------------------------------------------------------------

VERIFY = r"""
set -eu
if [ -n "$1" ]; then
  printf 'DSSEv1 %d %s %d ' "${#1}" "$1" "$(stat -c %s body)" > message
  cat body >> message
else
  cp body message
fi
openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in message -sigfile signature
"""


def openssl(folder: Path, type: str, body: bytes, key: bytes, signature: bytes) -> bool:
    """Whether openssl accepts; the shell puts the PAE together. Without a type the body itself is signed."""
    for name, data in (("body", body), ("key.der", SPKI + key), ("signature", signature)):
        (folder / name).write_bytes(data)
    return run("bash", "-c", VERIFY, "verify", type, cwd=folder) == 0


@pytest.mark.parametrize(
    "case", of_kind("manifest") + of_kind("statement") + of_kind("read"), ids=lambda c: c.id
)
def test_openssl_verifies_what_node_and_officer_sign(case: Case, tmp_path: Path) -> None:
    """Manifest, statement and read receipt: openssl accepts just those whose signature is good."""
    keys = {i: e for held in frompage_signed.keys_of(case).values() for i, e in held.items()}
    type = frompage.of_type(case.kind)
    signature = bytes.fromhex(case.given["signature"])
    accepted = [
        openssl(tmp_path, type, case.data, entry["public_key"]["key"], signature) for entry in keys.values()
    ]
    wrong_signature = case.error == "FANAL-E0203" and case.name != "by-node-alone"
    if case.outcome == "accept":
        assert accepted.count(True) == 1
    elif wrong_signature:
        assert True not in accepted


def test_openssl_verifies_the_roots_of_identity_and_charter(tmp_path: Path) -> None:
    """The Ed25519 half of a root's signatures over PAE; ML-DSA-44 needs openssl 3.5."""
    for reference, kind in (("@identity/ge-cus", "identity"), ("@charter/one", "charter")):
        document = frompage.decode("SignedDocument", named(reference).data)
        body = frompage.decode(kind.capitalize(), document["body"])
        root = (body if kind == "identity" else body["members"][0])["root_ed25519"]["key"]
        by_key = {one["key_id"]: one["signature"] for one in document["signatures"]}
        good, type = by_key[frompage.key_id(root)], frompage.of_type(kind)
        assert openssl(tmp_path, type, document["body"], root, good)
        assert not openssl(tmp_path, type, document["body"] + b"\0", root, good)
        assert not openssl(tmp_path, frompage.of_type("manifest"), document["body"], root, good)


def test_openssl_verifies_checkpoint_and_cosignature(tmp_path: Path) -> None:
    """The log signs the note's text; a witness signs two lines and the text (C2SP tlog-cosignature)."""
    point, witnessed = named("@checkpoint/twenty-one-leaves"), named("@cosignature/ed25519")
    key = point.given["keys"]
    text, ((_name, signature),) = frompage.note(point.data, [key])
    assert openssl(tmp_path, "", text, _raw(key), signature)
    assert not openssl(tmp_path, "", text.replace(b"\n21\n", b"\n22\n"), _raw(key), signature)
    key = witnessed.given["witness"]
    text, ((_name, signature),) = frompage.note(witnessed.data, [key], kind=4)
    time = int.from_bytes(signature[:8], "big")
    assert openssl(tmp_path, "", b"cosignature/v1\ntime %d\n" % time + text, _raw(key), signature[8:])
    assert not openssl(tmp_path, "", text, _raw(key), signature[8:])


def _raw(vkey: str) -> bytes:
    return base64.b64decode(vkey.split("+", 2)[2])[1:]


# --- bash and sha256sum ----------------------------------------------------------------------------------

CLIMB = r"""
set -eu
index=$1 last=$(( $2 - 1 )) node=$3 root=$4; shift 4
raw() { printf "$(printf %s "$1" | sed 's/../\\x&/g')"; }
join() { { printf '\001'; raw "$1"; raw "$2"; } | sha256sum | cut -c1-64; }
[ "$index" -le "$last" ]
while [ "$last" -gt 0 ]; do
  if [ $(( index & 1 )) = 1 ]; then node=$(join "$1" "$node"); shift
  elif [ "$index" -lt "$last" ]; then node=$(join "$node" "$1"); shift
  fi
  index=$(( index >> 1 )) last=$(( last >> 1 ))
done
[ $# = 0 ] && [ "$node" = "$root" ]
"""


@pytest.mark.parametrize("case", of_kind("inclusion"), ids=lambda case: case.id)
def test_a_shell_climbs_the_merkle_path(case: Case, tmp_path: Path) -> None:
    """bash and sha256sum come to the same verdict on every inclusion proof of the kit."""
    given = case.given
    path = [case.data[i : i + 32].hex() for i in range(0, len(case.data), 32)]
    code = run(
        "bash", "-c", CLIMB, "climb", given["index"], given["size"], given["leaf-hash"], given["root"], *path,
        cwd=tmp_path,
    )  # fmt: skip
    assert (code == 0) == (case.outcome == "accept")


def test_a_shell_hashes_a_leaf(tmp_path: Path) -> None:
    """One NUL, then the line: sha256sum gives the leaf hash that the page promises."""
    case = named("@leaf/type-envelope-in")
    (tmp_path / "leaf").write_bytes(case.data)
    command = "(printf '\\0'; cat leaf) | sha256sum | cut -c1-64"
    found = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == case.gives["leaf-hash"]


# --- minisign --------------------------------------------------------------------------------------------


def test_minisign_verifies_an_archive_under_the_log_key(tmp_path: Path) -> None:
    """A file under the LOG key's signature, in minisign's form: an Ed25519 key of ours is one of theirs."""
    from vectorkit.world import Agency, Pins

    log = Agency("GE-CUS", Pins()).log()
    archive, number, comment = named("@archive/two-files").data, bytes(8), b"size:21"
    signed = log.sign(hashlib.blake2b(archive).digest())  # minisign's prehashed form, "ED"
    lines = {
        "key.pub": [b"untrusted comment: log", base64.b64encode(b"Ed" + number + log.public_key)],
        "file.minisig": [
            b"untrusted comment: signature",
            base64.b64encode(b"ED" + number + signed),
            b"trusted comment: " + comment,
            base64.b64encode(log.sign(signed + comment)),
        ],
    }
    for name, text in lines.items():
        (tmp_path / name).write_bytes(b"\n".join(text) + b"\n")
    (tmp_path / "file").write_bytes(archive)
    (tmp_path / "other").write_bytes(archive + b"\0")
    if shutil.which("minisign") is None:
        return _substitute("minisign", lambda: frompage.verify(log.public_key, _blake(archive), signed))
    verify = ("minisign", "-V", "-q", "-p", "key.pub", "-x", "file.minisig", "-m")
    assert run(*verify, "file", cwd=tmp_path) == 0
    assert run(*verify, "other", cwd=tmp_path) != 0
    return None


def _blake(data: bytes) -> bytes:
    return hashlib.blake2b(data).digest()


def _substitute(tool: str, check) -> None:
    """Without the tool: the second implementation, and the page says so."""
    page = (REPO / "docs" / "protocol.md").read_text()
    assert tool in page[page.index("## Outside eyes") :]
    check()


# --- Go: golang.org/x/mod/sumdb/note and tlog ------------------------------------------------------------


@pytest.fixture(scope="module")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The compiled program; None where Go or the module is not there."""
    if shutil.which("go") is None or not GO_MODULE.is_dir():
        return None
    folder = tmp_path_factory.mktemp("go")
    shutil.copy(Path(__file__).parent / "outside.go", folder / "outside.go")
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(GO_MODULE.parents[5]),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    built = subprocess.run(
        ["go", "build", "-o", "outside", "outside.go"], cwd=folder, env=env, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder / "outside"


WIDER = ("note/same-key-twice", "note/too-many-signatures", "note/small-order-key")
"""What Go takes and we refuse; the specification leaves it open."""
NO_PROOF = ("consistency/from-0-to-5", "consistency/from-empty-wrong-root")
"""Go has no proof from the empty tree."""
GO_KINDS = ("note", "inclusion", "consistency")
FOR_GO = [case for kind in GO_KINDS for case in of_kind(kind) if case.id not in WIDER + NO_PROOF]


def go(program: Path, case: Case, folder: Path) -> bool:
    """Whether Go's packages accept."""
    given = case.given
    names = {
        "inclusion": ("index", "size", "leaf-hash", "root"),
        "consistency": ("old", "new", "old-root", "new-root"),
    }.get(case.kind)
    arguments = [given[name] for name in names] if names else given["keys"].split(" ")
    code = run(str(program), case.kind, *arguments, cwd=folder, data=case.data)
    assert code in (0, 1)
    return code == 0


@pytest.mark.parametrize("case", FOR_GO, ids=lambda case: case.id)
def test_go_s_sumdb_says_the_same(case: Case, go_program: Path | None, tmp_path: Path) -> None:
    """sumdb/note opens our notes, sumdb/tlog checks our proofs, and they refuse what we refuse."""
    if go_program is None:
        return _substitute("golang.org/x/mod", lambda: _second(case))
    assert go(go_program, case, tmp_path) == (case.outcome == "accept")
    return None


@pytest.mark.parametrize("name", WIDER)
def test_where_go_is_wider_the_page_says_so(name: str, go_program: Path | None, tmp_path: Path) -> None:
    """Three notes that Go takes and we refuse: kept in view, so that nobody is surprised."""
    case = named("@" + name)
    assert case.outcome == "refuse"
    if go_program is None:
        return _substitute("golang.org/x/mod", lambda: _second(case))
    assert go(go_program, case, tmp_path)
    return None


def _second(case: Case) -> None:
    """The second implementation's verdict is the file's."""
    try:
        frompage_kinds.READERS[case.kind](case)
    except frompage.Refused:
        assert case.outcome == "refuse"
    else:
        assert case.outcome == "accept"
