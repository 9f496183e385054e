# SPDX-License-Identifier: Apache-2.0
"""The leaf format: one spelling for one fact, and nothing else is read."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.errors import FanalError, VerificationError
from fanal.proof import leaf_forms as forms
from fanal.proof.leaf import FIELDS, MAX_LEAF_BYTES, Leaf, LeafType, decode, encode, hash_of

DOCS = Path(__file__).parents[2] / "docs" / "leaf-format.md"

EXAMPLES = {
    forms.HEX16: bytes(range(16)),
    forms.HEX32: bytes(range(224, 256)),
    forms.UINT: 120,
    forms.TIME: 1767225600,
    forms.AGENCY: "GE-CUS",
    forms.TOKEN: "delete-by2",
}
VALUES = {
    forms.HEX16: st.binary(min_size=16, max_size=16),
    forms.HEX32: st.binary(min_size=32, max_size=32),
    forms.UINT: st.integers(0, forms.MAX_UINT),
    forms.TIME: st.integers(0, forms.MAX_TIME),
    forms.AGENCY: st.from_regex(r"\A[A-Z]{2}-[A-Z0-9]{2,8}\Z"),
    forms.TOKEN: st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,63}\Z"),
}


def strategy(form):
    if form in VALUES:
        return VALUES[form]
    if form.name.startswith("one of "):
        return st.sampled_from(form.name.removeprefix("one of ").split(", "))
    inner = next(known for known in VALUES if form.name == f"{known.name}, or '-'")
    return st.none() | VALUES[inner]


def leaves(leaf_type=None):
    types = st.just(leaf_type) if leaf_type else st.sampled_from(LeafType)
    return types.flatmap(
        lambda t: st.tuples(*map(strategy, FIELDS[t].values())).map(lambda values: Leaf(t, values))
    )


def sample(leaf_type):
    def value(form):
        if form in EXAMPLES:
            return EXAMPLES[form]
        if form.name.startswith("one of "):
            return form.name.removeprefix("one of ").split(", ")[0]
        return None

    return Leaf(leaf_type, tuple(map(value, FIELDS[leaf_type].values())))


def refused(data, kind_id="FANAL-E0421"):
    with pytest.raises(VerificationError) as caught:
        decode(data)
    assert caught.value.kind.id == kind_id
    assert "{" not in caught.value.sentence


ENVELOPE_IN = encode(sample(LeafType.ENVELOPE_IN))


def test_an_envelope_leaf_reads_as_documented():
    """The line form is fixed: version, type, keys in order, one blank between, one LF."""
    assert ENVELOPE_IN == (
        b"fanal-leaf/v1 envelope-in time=2026-01-01T00:00:00Z "
        b"lane=e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff "
        b"incarnation=000102030405060708090a0b0c0d0e0f seq=120 envelope=000102030405060708090a0b0c0d0e0f "
        b"manifest=e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff "
        b"author=GE-CUS class=notice peer=GE-CUS\n"
    )


@given(leaves())
def test_every_leaf_reads_back_as_itself(leaf):
    """Decoding an encoded leaf gives the leaf, in at most 4 kB of ASCII on one line."""
    data = encode(leaf)
    assert decode(data) == leaf
    assert data.isascii()
    assert data.count(b"\n") == 1
    assert len(data) <= MAX_LEAF_BYTES


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: b"fanal-leaf/v1 " + text.encode()))
def test_arbitrary_bytes_never_read_as_a_leaf_of_another_spelling(data):
    """Whatever is read at all encodes to the very bytes that were read."""
    try:
        leaf = decode(data)
    except VerificationError:
        return
    assert encode(leaf) == data


@pytest.mark.parametrize("leaf_type", LeafType)
def test_every_single_byte_change_is_refused_or_says_something_else(leaf_type):
    """No byte of a leaf can change without the leaf saying another fact in that fact's only spelling."""
    leaf = sample(leaf_type)
    data = encode(leaf)
    for at in range(len(data)):
        for byte in {0, 9, 10, 13, 32, 45, 48, 57, 61, 65, 97, 102, 255, data[at] ^ 0x20, data[at] ^ 1}:
            changed = data[:at] + bytes([byte]) + data[at + 1 :]
            if changed == data:
                continue
            try:
                other = decode(changed)
            except VerificationError:
                continue
            assert other != leaf
            assert encode(other) == changed


@given(leaves(), st.data())
def test_inserted_or_removed_bytes_never_spell_the_same_fact(leaf, data):
    """A byte put in or taken out anywhere is refused or says something else."""
    line = encode(leaf)
    at = data.draw(st.integers(0, len(line) - 1))
    extra = data.draw(st.sampled_from([b"", *(bytes([b]) for b in line), b"\0", b"\r", b"\xff"]))
    changed = line[:at] + extra + line[at:] if extra else line[:at] + line[at + 1 :]
    try:
        assert decode(changed) != leaf
    except VerificationError:
        return


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"fanal-leaf/v1\n",
        b"fanal-leaf/v1 \n",
        ENVELOPE_IN[:-1],
        ENVELOPE_IN + b"\n",
        ENVELOPE_IN * 2,
        ENVELOPE_IN[:-1] + b"\r\n",
        ENVELOPE_IN[:-1] + b" \n",
        b" " + ENVELOPE_IN,
        b"\xef\xbb\xbf" + ENVELOPE_IN,
        ENVELOPE_IN.replace(b" seq=", b"  seq="),
        ENVELOPE_IN.replace(b" seq=", b"\tseq="),
        ENVELOPE_IN.replace(b"fanal-leaf/v1", b"fanal-leaf/v2"),
        ENVELOPE_IN.replace(b"envelope-in", b"envelope-up"),
        ENVELOPE_IN.replace(b"envelope-in", b"envelope-out"),
        ENVELOPE_IN.replace(b"seq=120 ", b""),
        ENVELOPE_IN.replace(b"seq=120", b"seq=120 seq=120"),
        ENVELOPE_IN.replace(b"seq=120", b"seq"),
        ENVELOPE_IN.replace(b"class=notice peer=GE-CUS", b"peer=GE-CUS class=notice"),
    ],
)
def test_a_line_of_another_shape_is_refused(data):
    """Missing, doubled, reordered or foreign words, blanks and line ends are refused."""
    refused(data)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"seq=120", b"seq=0120"),
        (b"seq=120", b"seq=+120"),
        (b"seq=120", b"seq=1_20"),
        (b"seq=120", b"seq=-1"),
        (b"seq=120", b"seq="),
        (b"seq=120", b"seq=9223372036854775808"),
        (b"incarnation=0001", b"incarnation=00001"),
        (b"0a0b0c", b"0A0B0C"),
        (b"2026-01-01T", b"2026-02-30T"),
        (b"T00:00:00Z", b"T24:00:00Z"),
        (b"T00:00:00Z", b"T23:59:60Z"),
        (b"T00:00:00Z", b"T00:00:00.0Z"),
        (b"T00:00:00Z", b"T00:00:00+00:00"),
        (b"T00:00:00Z", b"t00:00:00z"),
        (b"time=2026", b"time=1969"),
        (b"time=2026", b"time=0000"),
        (b"author=GE-CUS", b"author=ge-cus"),
        (b"author=GE-CUS", b"author=GE-CUSTOMS99"),
        (b"author=GE-CUS", b"author=-"),
        (b"class=notice", b"class=noticex"),
        (b"class=notice", b"class=NOTICE"),
    ],
)
def test_a_value_of_another_spelling_is_refused_by_name(good, bad):
    """Leading zeroes, signs, capitals, impossible dates and values off the list are refused."""
    assert good in ENVELOPE_IN
    refused(ENVELOPE_IN.replace(good, bad, 1), "FANAL-E0422")


def test_a_leaf_over_four_kilobytes_is_refused_before_it_is_read():
    """The length is bounded before anything is parsed."""
    refused(b"x" * (MAX_LEAF_BYTES + 1), "FANAL-E0420")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seq", -1),
        ("seq", True),
        ("seq", "120"),
        ("seq", 2**63),
        ("time", forms.MAX_TIME + 1),
        ("lane", bytes(16)),
        ("lane", "00" * 32),
        ("author", "Офицер"),
        ("author", "GE-CUS\n"),
        ("author", b"GE-CUS"),
        ("class", "notice receipt"),
        ("peer", None),
    ],
)
def test_a_value_out_of_form_is_never_written(key, value):
    """Encoding refuses the value and names its field and form."""
    fields = dict(zip(FIELDS[LeafType.ENVELOPE_IN], sample(LeafType.ENVELOPE_IN).values, strict=True))
    with pytest.raises(FanalError) as caught:
        encode(Leaf.of(LeafType.ENVELOPE_IN, {**fields, key: value}))
    assert caught.value.kind.id == "FANAL-E0422"
    assert caught.value.facts["field"] == key


def test_named_values_build_a_leaf_and_read_back_by_name():
    """A leaf is built and read by key; optional values may be left out, unknown keys may not."""
    fields = {"time": 0, "what": "restored", "size": 9, "root": bytes(32), "restored": 7}
    leaf = decode(encode(Leaf.of(LeafType.INCIDENT, fields)))
    assert leaf["size"] == 9
    assert leaf["peer"] is None
    with pytest.raises(KeyError):
        leaf["lane"]
    with pytest.raises(FanalError, match="E0422"):
        Leaf.of(LeafType.INCIDENT, {"comment": "x"})


def test_a_leaf_with_too_few_values_is_never_written():
    """A leaf must hold one value per key of its type."""
    with pytest.raises(FanalError, match="E0421"):
        encode(Leaf(LeafType.ADMIN, (0,)))


def test_even_a_lenient_form_cannot_open_a_second_spelling(monkeypatch):
    """Should a form ever read more than it writes, the comparison with the re-encoding still refuses."""
    lenient = forms.Form("lenient", lambda text: int(text), forms.UINT.write)
    fields = {**FIELDS[LeafType.ENVELOPE_IN], "seq": lenient}
    monkeypatch.setattr("fanal.proof.leaf.FIELDS", {LeafType.ENVELOPE_IN: fields})
    assert decode(ENVELOPE_IN)["seq"] == 120
    refused(ENVELOPE_IN.replace(b"seq=120", b"seq=0120"))


def test_people_and_free_text_have_no_place_in_a_leaf():
    """Every actor is a keyed hash, and no form takes a blank, a capital name or a letter outside ASCII."""
    for fields in FIELDS.values():
        for key, form in fields.items():
            if key == "actor":
                assert forms.HEX16.name in form.name
            for text in ("Nino Beridze", "Нино", "a b", "a\nb", "x" * 65):
                with pytest.raises(ValueError):  # noqa: PT011
                    form.read(text)


def test_the_leaf_hash_is_over_the_exact_bytes():
    """The tree hashes the stored bytes, with RFC 6962's leaf prefix."""
    assert hash_of(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_the_documented_fields_are_the_fields():
    """docs/leaf-format.md lists every type with exactly its keys in order."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {name: keys.replace("?", "").split() for name, keys in rows}
    assert documented == {kind.value: list(fields) for kind, fields in FIELDS.items()}
    optional = {(name, key[:-1]) for name, keys in rows for key in keys.split() if key.endswith("?")}
    assert optional == {
        (kind.value, key)
        for kind, fields in FIELDS.items()
        for key, f in fields.items()
        if "or '-'" in f.name
    }
