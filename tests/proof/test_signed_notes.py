# SPDX-License-Identifier: Apache-2.0
"""Signed notes and checkpoints: what is believed, and every way of getting a false one believed."""

import base64
import hashlib
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from fanal.errors import FanalError, VerificationError
from fanal.proof import checkpoint as checkpoints
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.note_key import ED25519, Ed25519Signer, Ed25519Verifier, key_id, parse_vkey

# The key and note published with Go's golang.org/x/mod/sumdb/note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
    "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

NETWORK = bytes(range(32))
ORIGIN = checkpoints.origin(NETWORK, "GE-CUS", 1)
ROOT = hashlib.sha256(b"root").digest()
TEXT = b"a text\n"


def signer(number, name=ORIGIN):
    key = SigningKey(bytes([number]) * 32)
    return Ed25519Signer(name, bytes(key), bytes(key.verify_key))


LOG = signer(1)
KEY = Ed25519Verifier(ORIGIN, LOG.public_key)
POINT = Checkpoint(ORIGIN, 42, ROOT)
SIGNED = checkpoints.sign(POINT, LOG)


def refused(kind_id, call, *args):
    with pytest.raises(FanalError) as caught:
        call(*args)
    assert caught.value.kind.id == kind_id
    assert "{" not in caught.value.sentence + caught.value.hint
    return caught.value


def open_note(data, *keys):
    note = notes.parse(data)
    notes.verify(note, keys)
    return note


def line_of(who, text=TEXT):
    return notes.NoteSignature(who.name, who.key_id, who.sign(text))


class ForcedId:
    """A verifier that claims another key's id, as a collision would."""

    def __init__(self, key, forced):
        self.name, self.key_id, self.verify = key.name, forced, key.verify


def test_the_published_go_note_verifies_under_its_published_key():
    """The note and key of the Go implementation are read, verified and written back byte for byte."""
    key = parse_vkey(GO_VKEY)
    note = open_note(GO_NOTE, key)
    assert note.text.endswith(b"your problem is.\n")
    assert note.to_bytes() == GO_NOTE
    assert key.vkey() == GO_VKEY


def test_a_note_signed_here_reads_back():
    """Signing and opening agree, the text may hold blank lines, and the last one ends it."""
    text = "Ognuno sta solo\n\ned è subito sera.\n".encode()
    note = notes.sign(text, [LOG])
    assert open_note(note.to_bytes(), KEY) == note
    assert note.text == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        TEXT,
        TEXT + b"\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"x",
        SIGNED + b"trailing\n",
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"\n\n", b"\n"),
        SIGNED.replace(b"42", b"4\x002"),
        SIGNED.replace(b"42", b"4\t2"),
        SIGNED.replace(b"42", b"4\xff2"),
        SIGNED.replace("— ".encode(), b"- "),
        SIGNED.replace("— ".encode(), "—".encode()),
        SIGNED.replace(b"/log1 ", b"/log1  "),
        SIGNED.replace(b"=\n\n", b"=\n\n\n"),
        TEXT + "\n— name\n".encode(),
        TEXT + "\n— name AAAAAA==\n".encode(),
        TEXT + "\n— name AAAAAAB=\n".encode(),
        TEXT + "\n— name AAAAAA\n".encode(),
        TEXT + "\n— name AAAAAÄA=\n".encode(),
        TEXT + "\n—  AAAAAAA=\n".encode(),
        TEXT + "\n— na+me AAAAAAA=\n".encode(),
        TEXT + "\n— na\u00a0me AAAAAAA=\n".encode(),
        TEXT + f"\n— {'n' * 256} AAAAAAA=\n".encode(),
    ],
)
def test_a_note_of_another_shape_is_refused(data):
    """Trailing bytes, CRLF, control characters, bad Base 64 and bad names are refused as malformed."""
    if data == SIGNED.replace(b"=\n\n", b"=\n\n\n"):
        # One more blank line belongs to the text, so the shape is right and the signature is not.
        refused("FANAL-E0432", open_note, data, KEY)
    else:
        refused("FANAL-E0430", notes.parse, data)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_checkpoint_is_believed(at, flip):
    """Any changed byte of a signed checkpoint refuses it."""
    changed = SIGNED[:at] + bytes([SIGNED[at] ^ flip]) + SIGNED[at + 1 :]
    with pytest.raises(VerificationError):
        checkpoints.verify(changed, KEY, ORIGIN)


@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda t: TEXT + f"\n— {t}\n".encode()))
def test_arbitrary_bytes_are_refused_or_written_back_exactly(data):
    """Whatever parses as a note is written back byte for byte."""
    try:
        note = notes.parse(data)
    except VerificationError:
        return
    assert note.to_bytes() == data


def test_a_note_that_is_too_large_is_refused_before_it_is_read():
    """Bytes and signatures are bounded; sixteen signatures are always accepted."""
    refused("FANAL-E0431", notes.parse, b"x" * (notes.MAX_NOTE_BYTES + 1))
    line = notes.NoteSignature("other", b"\0\0\0\1", bytes(5000))
    own = line_of(LOG)
    open_note(notes.Note(TEXT, (line,) * 15 + (own,)).to_bytes(), KEY)
    short = notes.NoteSignature("other", b"\0\0\0\1", b"x")
    refused("FANAL-E0431", notes.parse, notes.Note(TEXT, (short,) * 33).to_bytes())


def test_a_note_signed_by_another_key_is_refused():
    """A stranger's signature, even under the log's name, is no signature of the log."""
    forged = checkpoints.sign(POINT, signer(2))
    error = refused("FANAL-E0434", checkpoints.verify, forged, KEY, ORIGIN)
    assert error.facts == {"expected": ORIGIN, "found": 1}
    refused("FANAL-E0434", notes.verify, notes.parse(SIGNED), [])


def test_a_key_id_collision_ends_in_a_failed_signature():
    """An attacker's key whose id collides with the log's is found out by the signature."""
    forged = notes.Note(TEXT, (notes.NoteSignature(ORIGIN, KEY.key_id, signer(2).sign(TEXT)),))
    refused("FANAL-E0432", open_note, forged.to_bytes(), KEY)


def test_unknown_signatures_are_ignored_even_with_a_known_name_or_id():
    """Sharing the name or the id, but not both, with a known key makes a signature merely unknown."""
    lines = (
        notes.NoteSignature(ORIGIN, b"\0\0\0\0", bytes(64)),
        notes.NoteSignature("someone/else", KEY.key_id, bytes(64)),
        line_of(LOG),
    )
    assert notes.verify(notes.Note(TEXT, lines), [KEY]) == (lines[2],)


def test_one_failing_signature_of_a_known_key_refuses_the_note():
    """A good signature of one known key does not cover for a failing one of another."""
    witness = signer(3, "witness/w1")
    bad = notes.NoteSignature(witness.name, witness.key_id, bytes(64))
    note = notes.Note(TEXT, (line_of(LOG), bad))
    keys = [KEY, Ed25519Verifier(witness.name, witness.public_key)]
    refused("FANAL-E0432", notes.verify, note, keys)
    for length in (1, 63, 65):
        short = notes.NoteSignature(ORIGIN, KEY.key_id, bytes(length))
        refused("FANAL-E0432", notes.verify, notes.Note(TEXT, (short,)), [KEY])


def test_a_duplicated_signature_of_a_known_key_is_refused():
    """The same known key twice is refused, so that no count of signatures can be inflated."""
    refused("FANAL-E0433", notes.verify, notes.Note(TEXT, (line_of(LOG),) * 2), [KEY])


def test_two_trusted_keys_of_one_name_and_id_are_refused():
    """A signature that could be by either of two trusted keys is not judged at all."""
    twin = ForcedId(Ed25519Verifier(ORIGIN, signer(2).public_key), KEY.key_id)
    error = refused("FANAL-E0435", notes.verify, notes.parse(SIGNED), [KEY, twin])
    assert error.facts["key_id"] == KEY.key_id.hex()


def test_a_text_that_cannot_be_a_note_is_not_signed():
    """A text without a final line end, or with CR or invalid UTF-8, is refused when signing."""
    for text in (b"", b"no line end", b"cr\r\n", b"\xff\n"):
        refused("FANAL-E0430", notes.sign, text, [LOG])
    refused("FANAL-E0430", notes.sign, TEXT, [])


def test_a_signer_with_the_seed_of_another_key_signs_nothing():
    """A signature that does not verify under the signer's own public key never leaves it."""
    mixed = Ed25519Signer(ORIGIN, LOG.seed, signer(2).public_key)
    with pytest.raises(VerificationError):
        mixed.sign(TEXT)


def test_a_signer_never_shows_its_seed():
    """The seed is in no representation of the signer."""
    assert "seed" not in repr(LOG)
    assert LOG.seed.hex() not in repr(LOG)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_VKEY + "=",
        GO_VKEY[:-4],
        GO_VKEY + "\n",
        GO_VKEY.replace("c74f20a3", "c74f20a4"),
        GO_VKEY.replace("c74f20a3", "C74F20A3"),
        GO_VKEY.replace("PeterNeumann", "PeterNeumanN"),
        GO_VKEY.replace("+ARpc", "+BBpc"),
        "PeterNeumann+c74f20a3+" + KEY.vkey().split("+", 2)[2],
        "n" * 600,
    ],
)
def test_a_mangled_verifier_key_line_is_refused(text):
    """A verifier key line whose parts do not belong together is no key."""
    refused("FANAL-E0436", parse_vkey, text)


def test_a_key_name_with_a_blank_or_plus_is_refused():
    """Names that would break the line format cannot name a key."""
    for name in ("", "two words", "a+b", "tab\t", "n" * 256):
        refused("FANAL-E0437", Ed25519Verifier, name, KEY.public_key)
        refused("FANAL-E0437", Ed25519Signer, name, LOG.seed, LOG.public_key)


def test_a_small_order_key_is_never_trusted():
    """A key under which any message verifies is refused when it is configured, in a line too."""
    weak = (1).to_bytes(32, "little")
    line = f"weak+{key_id('weak', ED25519, weak).hex()}+{base64.b64encode(ED25519 + weak).decode()}"
    with pytest.raises(FanalError):
        Ed25519Verifier("weak", weak)
    with pytest.raises(FanalError):
        parse_vkey(line)


def test_a_checkpoint_reads_as_specified():
    """Origin, size and Base 64 root stand one a line, and the log's line comes first."""
    head = f"{ORIGIN}\n42\n{base64.b64encode(ROOT).decode()}\n\n— {ORIGIN} ".encode()
    assert SIGNED.startswith(head)
    assert checkpoints.verify(SIGNED, KEY, ORIGIN) == POINT
    assert ORIGIN == "fanal/000102030405060708090a0b0c0d0e0f/GE-CUS/log1"


def test_a_checkpoint_verifies_under_any_key_its_log_ever_had():
    """After a key rotation old and new checkpoints verify with both keys known."""
    after = signer(9)
    keys = [KEY, Ed25519Verifier(ORIGIN, after.public_key)]
    for signed in (SIGNED, checkpoints.sign(POINT, after)):
        assert checkpoints.verify(signed, keys, ORIGIN) == POINT


def test_further_signatures_and_extensions_travel_with_a_checkpoint():
    """Other signers' lines follow the log's own; extension lines are kept and signed."""
    point = Checkpoint(ORIGIN, 7, ROOT, ("extension one",))
    signed = checkpoints.sign(point, LOG, [signer(4, "witness/w1")])
    assert [s.name for s in notes.parse(signed).signatures] == [ORIGIN, "witness/w1"]
    assert checkpoints.verify(signed, KEY, ORIGIN) == point


def test_a_checkpoint_of_another_log_is_refused():
    """Neither another log's checkpoint nor one signed in its name passes for this log's."""
    other = checkpoints.origin(NETWORK, "TR-CUS", 1)
    refused("FANAL-E0434", checkpoints.verify, SIGNED, KEY, other)
    crossed = notes.sign(Checkpoint(other, 42, ROOT).text(), [LOG]).to_bytes()
    error = refused("FANAL-E0441", checkpoints.verify, crossed, KEY, ORIGIN)
    assert error.facts == {"expected": ORIGIN, "found": other}
    refused("FANAL-E0441", checkpoints.sign, Checkpoint(other, 1, ROOT), LOG)


GOOD = POINT.text()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"origin\n42\n",
        GOOD[:-1],
        GOOD + b"\n",
        b"\n" + GOOD,
        GOOD.replace(b"\n42", b"\n042"),
        GOOD.replace(b"\n42", b"\n+42"),
        GOOD.replace(b"\n42", b"\n-42"),
        GOOD.replace(b"\n42", b"\n42 "),
        GOOD.replace(b"\n42", b"\n"),
        GOOD.replace(b"\n42", "\n٤٢".encode()),
        GOOD.replace(b"\n42", b"\n9223372036854775808"),
        GOOD.replace(b"=\n", b"\n"),
        GOOD.replace(b"=\n", b"==\n"),
        GOOD.replace(b"=\n", b"= \n"),
        GOOD[: GOOD.index(b"\n42") + 4] + base64.b64encode(ROOT[:31]) + b"\n",
        b"\xff" + GOOD,
        GOOD + b"x" * checkpoints.MAX_TEXT_BYTES + b"\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text):
    """Other spellings of the size or the root, empty lines and missing lines are refused."""
    refused("FANAL-E0440", checkpoints.parse_text, text)


def test_a_checkpoint_that_would_read_back_otherwise_is_not_written():
    """Line ends in an origin or extension, bad roots and sizes out of bounds are never written."""
    for point in (
        Checkpoint("two\nlines", 1, ROOT),
        Checkpoint("", 1, ROOT),
        Checkpoint(ORIGIN, 2**63, ROOT),
        Checkpoint(ORIGIN, 1, ROOT[:31]),
        Checkpoint(ORIGIN, 1, ROOT, ("",)),
        Checkpoint(ORIGIN, 1, ROOT, ("a\nb",)),
    ):
        refused("FANAL-E0440", point.text)


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ((b"short", "GE-CUS", 1), "hash of the root keys"),
        ((NETWORK, "ge-cus", 1), "agency"),
        ((NETWORK, "GE-CUS/log1", 1), "agency"),
        ((NETWORK, "GE-CUS", 0), "log number"),
        ((NETWORK, "GE-CUS", 2**31), "log number"),
    ],
)
def test_an_origin_is_made_of_well_formed_parts_only(args, field):
    """No two logs can share an origin, and each origin is a valid key name."""
    notes.check_name(ORIGIN)
    assert refused("FANAL-E0442", checkpoints.origin, *args).facts["field"] == field


def test_openssl_verifies_a_checkpoint(tmp_path):
    """The openssl command line, given text, key and signature, agrees; and it refuses a changed text."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is part of the test environment"
    spki = bytes.fromhex("302a300506032b6570032100") + LOG.public_key
    note = notes.parse(SIGNED)
    (tmp_path / "key.der").write_bytes(spki)
    (tmp_path / "sig").write_bytes(note.signatures[0].signature)
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER", "-rawin"]
    command += ["-sigfile", "sig", "-in"]
    for text, code in ((note.text, 0), (note.text.replace(b"42", b"43"), 1)):
        (tmp_path / "text").write_bytes(text)
        done = subprocess.run([*command, "text"], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
