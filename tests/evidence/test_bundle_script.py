# SPDX-License-Identifier: Apache-2.0
"""verify.sh: bash, coreutils and openssl alone, on honest, redacted, spoilt and hostile bundles."""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
from pathlib import Path

import pytest
from bundlescript import Run, check, lines, unpack
from evidencekit import Scene, failed, repacked

from fanal.proof.evidence import container, layout
from fanal.proof.evidence.script import script

pytestmark = pytest.mark.process


@pytest.mark.parametrize("shape", ["whole", "redacted", "bare"])
def test_it_agrees_that_an_honest_bundle_is_good(
    five: Scene, run: Run, shape: str, request: pytest.FixtureRequest
) -> None:
    """Exit 0, nothing failed, in an empty environment, from another folder; stderr stays empty."""
    ran = run(request.getfixturevalue(shape), five.network.hex())
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    assert lines(ran, "FAILED") == set()
    assert {"stored.TR-CUS", "read.AZ-CUS", "log.cosignatures", "log.export"} <= lines(ran, "passed")
    assert {"charters.ml-dsa", "log.anchor"} <= lines(ran, "undecided")


def test_a_receivers_bundle_is_good_too(five: Scene, run: Run) -> None:
    """The log is then the receiver's, and the notice's leaf is envelope-in."""
    ran = run(five.bundle("TR-CUS", fields=["originator"]), five.network.hex())
    assert (ran.returncode, lines(ran, "FAILED")) == (0, set()), ran


def test_the_network_decides(five: Scene, run: Run, bare: bytes) -> None:
    """No id: undecided, 7. Another: failed, 6. Capital letters are the same id; all in words."""
    ends = (
        (7, "neither proven nor false"),
        (6, "do not rely on this"),
        (0, "what this bundle shows is proven"),
    )
    for given, (code, words) in zip(([], ["00" * 32], [five.network.hex().upper()]), ends, strict=True):
        ran = run(bare, *given)
        assert (ran.returncode, words in ran.stdout.splitlines()[-1]) == (code, True)


def test_what_is_no_network_id_is_asked_for_and_not_called_false(five: Scene, run: Run, bare: bytes) -> None:
    """A typing slip is no finding: 7. Blanks, as the paper groups them, do not count."""
    given = five.network.hex()
    assert run(bare, " ".join(given[at : at + 8] for at in range(0, 64, 8))).returncode == 0
    for slip in ("", given[:-1], "22758 56736", given[:-1] + "x"):
        ran = run(bare, slip)
        assert (ran.returncode, lines(ran, "FAILED")) == (7, set()), ran
        assert "network" in lines(ran, "undecided")


def test_an_auditors_own_script_answers_for_the_folder_in_question_only(
    five: Scene, bare: bytes, tools: Path, tmp_path: Path
) -> None:
    """Started in a spoilt bundle, or given its folder, a script from elsewhere vouches for no other one."""
    own, good, spoilt = tmp_path / "own", tmp_path / "good", tmp_path / "spoilt"
    own.mkdir()
    (own / "verify.sh").write_bytes(script())
    unpack(bare, good)
    unpack(bare, spoilt)
    (spoilt / "notice/manifest.sig").write_bytes(bytes(64))
    network = five.network.hex()
    assert check(own, tools, network, inside=str(good)).returncode == 0
    assert check(own, tools, network, inside=str(spoilt)).returncode == 6
    assert check(good, tools, network, str(spoilt)).returncode == 6
    assert check(spoilt, tools, network, str(good)).returncode == 0
    ran = check(good, tools, network, inside=str(spoilt))
    assert (ran.returncode, "hold a bundle each" in ran.stdout) == (7, True), ran
    assert check(good, tools, network, inside=str(good)).returncode == 0


def test_it_takes_less_than_two_seconds_of_work(five: Scene, run: Run, whole: bytes) -> None:
    """Processor time of bash, coreutils and openssl together: a busy machine only makes one wait."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(whole, five.network.hex()).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0


SIGNED = {
    "notice/manifest.bin": 0, "notice/manifest.sig": 0, "notice/statement.bin": 0, "notice/statement.sig": 0,
    "notice/content.salt": 0, "notice/notice.bin": 0, "notice/notice.salt": 0, "log/0001.leaf": 0,
    "receipts/0002/manifest.bin": 0, "receipts/0002/manifest.sig": 0, "receipts/0002/receipts.bin": 0,
    "receipts/0002/content.salt": 0, "log/0003.tlog-proof": 0, "log/checkpoint.note": 90,
}  # fmt: skip
"""File -> how many bytes of it are signed for; 0: all. An unknown key's line on a note is ignored."""


@pytest.mark.parametrize("name", SIGNED)
def test_a_changed_byte_of_a_signed_part_is_found(five: Scene, run: Run, whole: bytes, name: str) -> None:
    """With right sums, so that only signatures, commitments and proofs can tell."""
    size = SIGNED[name] or len(container.read(whole)[name])
    at = random.Random(name).randrange(size)

    def change(files: dict[str, bytes]) -> None:
        files[name] = files[name][:at] + bytes([files[name][at] ^ 1]) + files[name][at + 1 :]

    ran = run(repacked(whole, change), five.network.hex())
    assert ran.returncode == 6, (at, ran)


def test_a_changed_body_of_a_document_is_found(five: Scene, run: Run, bare: bytes) -> None:
    """Charter and identity: a member's root, an officer's key."""
    for name in ("charters/0001.doc", "identities/GE-CUS/0001.doc"):

        def change(files: dict[str, bytes], name: str = name) -> None:
            files[name] = files[name].replace(b"GE-CUS", b"GE-CUZ")

        assert run(repacked(bare, change), five.network.hex()).returncode == 6


def test_sums_that_do_not_fit_are_found(five: Scene, run: Run, bare: bytes) -> None:
    """A changed README, a file too many, one too few, and a name that leads outside."""
    files = container.read(bare)
    assert run({**files, "README.txt": b"Trust us.\n"}, five.network.hex()).returncode == 6
    assert run({**files, "more.txt": b"x"}, five.network.hex()).returncode == 6
    less = dict(files)
    del less["receipts/0001/receipts.bin"]
    assert run(less, five.network.hex()).returncode == 6
    outside = {**files, layout.SUMS: files[layout.SUMS] + b"0" * 64 + b"  ../../etc/passwd\n"}
    assert run(outside, five.network.hex()).returncode == 6


def test_a_hidden_receipt_does_not_fit_the_logged_export(five: Scene, run: Run, whole: bytes) -> None:
    """As with the program: what the log says was handed out is what is here."""
    last = max(n[:13] for n in container.read(whole) if n.startswith("receipts/"))

    def hide(files: dict[str, bytes]) -> None:
        for name in [n for n in files if n.startswith(last)]:
            del files[name]

    ran = run(repacked(whole, hide, seed=five.seed()), five.network.hex())
    assert (ran.returncode, lines(ran, "FAILED")) == (6, {"log.export"})


def test_too_few_cosignatures_are_undecided(five: Scene, run: Run, bare: bytes) -> None:
    """Exit 7, and nothing is called false."""

    def strip(files: dict[str, bytes]) -> None:
        for name in ("log/cosigned.note", "log/consistency.txt"):
            files.pop(name, None)
        for name, data in files.items():
            if name.endswith((".note", ".tlog-proof")):
                files[name] = b"\n".join(line for line in data.split(b"\n") if b"/witness " not in line)

    ran = run(repacked(bare, strip, seed=five.seed()), five.network.hex())
    assert (ran.returncode, lines(ran, "FAILED")) == (7, set()), ran.stdout


WEAK = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def test_keys_of_small_order_never_reach_openssl(five: Scene) -> None:
    """Each of the weak and non-canonical points is refused; a real key is not."""
    text = script().decode()
    start = text.index("strong() {")
    function = text[start : text.index("\n}\n", start) + 3]
    good = five.host("GE-CUS").node.identity.keys[five.host("GE-CUS").agency.node_key_id].public.hex()
    probe = function + 'for k in "$@"; do if strong "$k"; then echo "$k"; fi; done'
    command = ["/bin/bash", "-c", probe, "x", *WEAK, good]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [good]
    body = text[text.index("ed25519() {") :]
    assert body.index("strong") < body.index("openssl")


HOSTILE = (b"$(touch PWNED)", b"`touch PWNED`", b"a[$(touch PWNED)]", b"x' ; touch PWNED #", b"*")


def spoilt(files: dict[str, bytes], word: bytes) -> list[tuple[str, bytes]]:
    """A hostile word in everything that the script reads as text."""
    places = [
        (layout.COVER, rb"GE-CUS"),
        (layout.SUMS, rb"README.txt"),
        ("log/0001.tlog-proof", rb"(?<=index )[0-9]+"),
        ("log/checkpoint.note", rb"(?<=\n)[0-9]+(?=\n)"),
        ("log/consistency.txt", rb"(?<=consistency )[0-9]+"),
        ("log/0001.leaf", rb"envelope-out"),
        ("notice/fields.txt", rb"originator"),
        ("notice/fields.txt", rb"(?<=originator )[0-9]+"),
    ]
    return [(name, re.sub(pattern, lambda _m: word, files[name], count=1)) for name, pattern in places]


def test_hostile_words_are_never_run(five: Scene, run: Run, redacted: bytes, tmp_path: Path) -> None:
    """Nothing is run, and every one is refused; in place of the network id it is none."""
    files = container.read(redacted)
    for number, word in enumerate(HOSTILE * 2):
        name, data = spoilt(files, word)[number % 8]
        changed = {**files, name: data}
        if name != layout.SUMS:
            changed[layout.SUMS] = layout.sums_of(changed)
        ran = run(changed, five.network.hex(), inside=str(tmp_path))
        assert ran.returncode == 6, (name, word, ran)
    for word in HOSTILE:
        assert run(files, word.decode(), inside=str(tmp_path)).returncode == 7
    assert not list(tmp_path.rglob("PWNED"))


def test_attack_files_without_a_meaning_are_refused_by_both_programs(
    five: Scene, run: Run, bare: bytes
) -> None:
    """Beside the entries of the log, where no export vouches for them, and in gaps between the numbers."""
    leaf, proof = "log/0001.leaf", "log/0001.tlog-proof"
    strays = {"log/letter.txt": b"x", "log/0999.tlog-proof": container.read(bare)[proof]}
    changes = [lambda files, n=name, d=data: files.update({n: d}) for name, data in strays.items()]
    changes += [
        lambda files: files.update({name.replace("0001", "0999"): files.pop(name) for name in (leaf, proof)}),
        lambda files: files.update({"notice/letter.txt": b"x"}),
        lambda files: files.pop(layout.README),
        lambda files: files.pop(layout.COSIGNED),
    ]
    for number, change in enumerate(changes):
        bundle = repacked(bare, change)  # type: ignore[arg-type]
        ran = run(bundle, five.network.hex())
        assert failed(five.report(bundle)) == lines(ran, "FAILED") == {"bundle.form"}, (number, ran)


def test_attack_an_entry_of_the_log_twice_is_refused_by_both_programs(
    five: Scene, run: Run, bare: bytes
) -> None:
    """It stands in the log, so its proof is right, and the export did not vouch for a second one."""

    def again(files: dict[str, bytes]) -> None:
        last = sum(name.endswith(".leaf") for name in files) + 1
        for end in ("leaf", "tlog-proof"):
            files[f"log/{last:04}.{end}"] = files[f"log/0001.{end}"]

    bundle = repacked(bare, again, seed=five.seed())
    assert failed(five.report(bundle)) == {"log.leaves"}
    assert lines(run(bundle, five.network.hex()), "FAILED") == {"log.leaves"}


def test_a_document_that_is_missing_is_no_finding(five: Scene, run: Run, bare: bytes) -> None:
    """Without the identity of the author nothing can be said, by either program: 7, not 6."""
    bundle = repacked(bare, lambda files: files.pop("identities/GE-CUS/0001.doc"))  # type: ignore[arg-type, return-value]
    ran = run(bundle, five.network.hex())
    assert failed(five.report(bundle)) == lines(ran, "FAILED") == set(), ran
    assert (ran.returncode, ran.stderr) == (7, "")
    assert "notice.manifest" in lines(ran, "undecided")


def test_odd_files_beside_it_are_refused(five: Scene, tmp_path: Path, bare: bytes, tools: Path) -> None:
    """A symbolic link, a hidden file and a name with a line end in the unpacked folder."""
    for number, name in enumerate((".hidden", "a\nb", "link")):
        folder = tmp_path / f"odd{number}"
        unpack(bare, folder)
        if name == "link":
            (folder / name).symlink_to("/etc/passwd")
        else:
            (folder / name).write_bytes(b"x")
        assert check(folder, tools, five.network.hex()).returncode == 6


def test_it_uses_nothing_but_bash_coreutils_and_openssl(tools: Path) -> None:
    """The PATH of these tests holds no other program; and no eval, no source of data, no temporary left."""
    text = script().decode()
    code = re.sub(r"#.*", "", text)
    assert not re.search(r"\b(eval|source|xxd|python|perl|awk|sed|grep|find|jq|curl)\b", code)
    assert "set -u" in text
    assert os.access(tools / "openssl", os.X_OK)
    assert subprocess.run(["/bin/bash", "-n"], input=text, text=True, check=False).returncode == 0
