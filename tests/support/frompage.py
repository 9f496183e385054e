# SPDX-License-Identifier: Apache-2.0
"""A second implementation, read from docs/protocol.md, docs/leaf-format.md and the .proto files alone.

It imports nothing of ours and none of our libraries for the wire format and signatures: hashlib, and Ed25519
and ChaCha20-Poly1305 of `cryptography`. What differs from our implementation is a bug of page or code.
It does what an auditor needs, and no more: ML-DSA-44 and X-Wing are not in it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SCHEMA = Path(__file__).resolve().parents[2] / "proto" / "fanal" / "v1"
_LINE = re.compile(
    r"^\s*(?:(message|enum)\s+(\w+)\s*\{|(repeated\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*(?:\[.*)?;|(\}))"
)
_NUMBERS = {"uint32", "uint64", "int64", "bool"}


class Refused(Exception):  # noqa: N818
    """What does not verify."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(what)


# --- Foundations: PAE, hashes, keys ------------------------------------------------------------------------


def pae(name: str, body: bytes) -> bytes:
    """DSSE: the type in full."""
    return b"DSSEv1 %d %b %d %b" % (len(name), name.encode(), len(body), body)


def of_type(name: str) -> str:
    return f"application/vnd.fanal.{name}.v1"


def parts(domain: str, *values: bytes) -> bytes:
    return domain.encode() + b"\0" + b"".join(len(v).to_bytes(8, "big") + v for v in values)


def h(domain: str, *values: bytes) -> bytes:
    return sha256(parts(domain, *values))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def key_id(key: bytes, algorithm: str = "ED25519") -> bytes:
    return sha256(b"fanal/key/v1\0" + algorithm.encode() + b"\0" + key)


def hkdf(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, no salt."""
    secret, out, block, number = hmac.digest(bytes(32), key, "sha256"), b"", b"", 1
    while len(out) < length:
        block = hmac.digest(secret, block + info + bytes([number]), "sha256")
        out, number = out + block, number + 1
    return out[:length]


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("signature") from None


_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def check_key(key: bytes) -> None:
    """Refuse what is not a canonical point of the prime-order group: multiply by the group's order."""
    require(len(key) == 32, "length of a key")
    y, sign = int.from_bytes(key, "little") % 2**255, key[31] >> 7
    require(y < _P, "not canonical")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    require(x * x % _P == square and not (x == 0 and sign), "not on the curve")
    point = (_P - x if x % 2 != sign else x, y)
    require(point != (0, 1), "neutral")
    total, bit = (0, 1), 2**252 + 27742317777372353535851937790883648493
    while bit:
        total, point, bit = (_add(total, point) if bit & 1 else total), _add(point, point), bit >> 1
    require(total == (0, 1), "small or mixed order")


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    both = _D * x1 * x2 * y1 * y2 % _P
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, _P) % _P
    return x, (y1 * y2 + x1 * x2) * pow(1 - both, -1, _P) % _P


# --- Encoding: strict protobuf from the .proto files -------------------------------------------------------


def _schema() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(SCHEMA.glob("*.proto")):
        stack: list[str] = []
        for line in path.read_text().splitlines():
            hit, scope = _LINE.match(line.split("//")[0]), _scope(stack)
            if hit is None:
                opens = line.rstrip().endswith("{")
                stack += ["" if line.split()[0] == "oneof" else "?"] if opens else []
            elif hit[1]:
                stack.append(hit[2])
                found.setdefault(_scope(stack), {} if hit[1] == "message" else "enum")
                if line.rstrip().endswith("}"):
                    stack.pop()
            elif hit[7]:
                stack = stack[:-1]
            elif isinstance(found.get(scope), dict):
                found[scope][int(hit[6])] = (hit[5], hit[4], bool(hit[3]), scope)
    return found


def _scope(stack: list[str]) -> str:
    """Where a line stands; "" is a oneof, whose members are fields of the message around it."""
    return ".".join(filter(None, stack))


MESSAGES = _schema()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        require(at < len(data) and shift < 70, "cut")
        byte = data[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            require(byte != 0 or shift == 7, "over-long varint")
            require(value < 2**64, "varint")
            return value, at


def decode(name: str, data: bytes) -> dict[str, Any]:
    """Strict: known fields, ascending, once unless repeated, shortest form, no explicit defaults."""
    fields, out, at, last = MESSAGES[name], {}, 0, 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        require(number in fields, f"{name}: unknown field {number}")
        label, kind, repeated, scope = fields[number]
        require(number > last or (number == last and repeated), f"{name}: order")
        last, number_kind = number, kind in _NUMBERS or _is_enum(kind, scope)
        require(wire == (0 if number_kind and not repeated else 2), f"{name}: wire type")
        value, at = _value(data, at, wire)
        value = _typed(kind, scope, value, number_kind and repeated)
        if repeated:
            out.setdefault(label, []).extend(value if number_kind else [value])
        else:
            require(value not in (0, b"", ""), f"{name}: explicit default")
            out[label] = value
    return out


def _value(data: bytes, at: int, wire: int) -> tuple[Any, int]:
    value, at = _varint(data, at)
    if wire == 0:
        return value, at
    require(at + value <= len(data), "cut")
    return data[at : at + value], at + value


def _is_enum(kind: str, scope: str) -> bool:
    return _lookup(kind, scope) == "enum"


def _lookup(kind: str, scope: str) -> Any:
    return MESSAGES.get(f"{scope}.{kind}", MESSAGES.get(kind))


def _typed(kind: str, scope: str, value: Any, packed: bool) -> Any:
    if packed:
        out, at = [], 0
        while at < len(value):
            one, at = _varint(value, at)
            out.append(one)
        return out
    if kind == "string":
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("no UTF-8") from None
    if isinstance(value, int):
        return value - 2**64 if kind == "int64" and value >= 2**63 else value
    if kind != "bytes":
        return decode(f"{scope}.{kind}" if f"{scope}.{kind}" in MESSAGES else kind, value)
    return value


# --- Merkle trees and the ledger ---------------------------------------------------------------------------


def leaf_hash(data: bytes, domain: str = "") -> bytes:
    return sha256(b"\0" + _prefix(domain) + data)


def node_hash(left: bytes, right: bytes, domain: str = "") -> bytes:
    return sha256(b"\1" + _prefix(domain) + left + right)


def _prefix(domain: str) -> bytes:
    return bytes([len(domain)]) + domain.encode() if domain else b""


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], domain: str = "") -> bytes:
    """RFC 6962 by its recursion: the tree splits at the largest power of two below its size."""
    require(0 <= index < size and all(len(one) == 32 for one in (leaf, *path)), "form of the path")
    if size == 1:
        require(not path, "length of the path")
        return leaf
    require(bool(path), "length of the path")
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        return node_hash(root_from_path(leaf, index, half, path[:-1], domain), path[-1], domain)
    return node_hash(path[-1], root_from_path(leaf, index - half, size - half, path[:-1], domain), domain)


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 6962, 2.1.2, by its recursion; from nothing everything grows."""
    require(old <= new and all(len(one) == 32 for one in proof), "sizes")
    if old in (0, new):
        require(not proof and old_root == (new_root if old == new else sha256(b"")), "roots")
        return
    found_old, found_new = _both(old, new, list(proof), True, old_root)
    require((found_old, found_new) == (old_root, new_root), "roots")


def _both(old: int, new: int, proof: list[bytes], whole: bool, old_root: bytes) -> tuple[bytes, bytes]:
    if old == new:
        require(len(proof) == (0 if whole else 1), "length of the proof")
        return (old_root, old_root) if whole else (proof[0], proof[0])
    require(bool(proof), "length of the proof")
    half, last = 1 << ((new - 1).bit_length() - 1), proof[-1]
    if old <= half:
        one, other = _both(old, half, proof[:-1], whole, old_root)
        return one, node_hash(other, last)
    one, other = _both(old - half, new - half, proof[:-1], False, old_root)
    return node_hash(last, one), node_hash(last, other)


def note(data: bytes, keys: Sequence[str], kind: int = 1) -> tuple[bytes, list[tuple[str, bytes]]]:
    """C2SP signed-note: the text and the (name, signature) of each given key, all of them verified."""
    require(len(data) <= 2**18, "size")
    require(not any(byte < 32 and byte != 10 for byte in data) and data.endswith(b"\n"), "characters")
    head, blank, tail = data.rpartition(b"\n\n")
    require(bool(blank), "no blank line")
    text, found = head + b"\n", []
    lines = _utf8(tail)[:-1].split("\n")
    require(len(lines) <= 32 and bool(_utf8(head)), "signatures")
    known = [_vkey(key, kind) for key in keys]
    for line in lines:
        hit = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        require(hit is not None, "signature line")
        assert hit
        blob = _base64(hit[2])
        require(len(blob) > 4, "signature line")
        for name, identifier, public in known:
            if (name, identifier) == (hit[1], blob[:4]):
                require(name not in [one for one, _ in found], "a key signed twice")
                found.append((name, blob[4:]))
                _check_line(public, text, blob[4:], kind)
    require(bool(found), "signed by nobody known")
    return text, found


def _check_line(public: bytes, text: bytes, signature: bytes, kind: int) -> None:
    if kind == 1:
        return verify(public, text, signature)
    require(len(signature) == 72, "length of a cosignature")
    time = int.from_bytes(signature[:8], "big")
    require(time < 2**63, "time")
    return verify(public, b"cosignature/v1\ntime %d\n" % time + text, signature[8:])


def _vkey(line: str, kind: int) -> tuple[str, bytes, bytes]:
    name, identifier, encoded = line.split("+", 2)
    blob = _base64(encoded)
    require(blob[0] == kind and len(blob) == 33, "verifier key")
    require(sha256(name.encode() + b"\n" + blob)[:4].hex() == identifier, "verifier key id")
    check_key(blob[1:])
    return name, sha256(name.encode() + b"\n" + blob)[:4], blob[1:]


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("base 64") from None
    require(base64.b64encode(data).decode() == text, "base 64")
    return data


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("no UTF-8") from None


def checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """C2SP tlog-checkpoint: origin, size, root."""
    lines = _utf8(text).split("\n")
    require(len(lines) >= 4 and lines[-1] == "" and all(lines[:-1]), "lines")
    require(bool(re.fullmatch(r"0|[1-9][0-9]*", lines[1])) and int(lines[1]) < 2**63, "size")
    root = _base64(lines[2])
    require(len(root) == 32, "root")
    return lines[0], int(lines[1]), root


def open_sealed(key: bytes, domain: str, header: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Body and own wrap: 44 bytes of HKDF are cipher key and nonce."""
    both = hkdf(key, parts(domain, sha256(header)), 44)
    try:
        return ChaCha20Poly1305(both[:32]).decrypt(both[32:], sealed, aad)
    except InvalidTag:
        raise Refused("decrypt") from None


def leaf(data: bytes, table: dict[str, list[str]], forms: dict[str, str]) -> str:
    """docs/leaf-format.md: the type of a leaf in its one spelling."""
    require(len(data) <= 4096 and data.endswith(b"\n") and data.isascii(), "form")
    version, kind, *pairs = [*data[:-1].decode().split(" "), ""][:-1] + ([""] if data == b"\n" else [])
    require(version == "fanal-leaf/v1" and kind in table and len(pairs) == len(table[kind]), "words")
    for pair, key in zip(pairs, table[kind], strict=True):
        name, equals, value = pair.partition("=")
        require(bool(equals) and name == key.rstrip("?"), "place of a key")
        if key.endswith("?") and value == "-":
            continue
        require(bool(re.fullmatch(forms[name], value, re.ASCII)), name)
        if forms[name].startswith("0|"):
            require(int(value) < 2**63, name)
        if name == "time":
            try:
                datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            except ValueError:
                raise Refused(name) from None
    return kind
