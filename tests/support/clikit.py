# SPDX-License-Identifier: Apache-2.0
"""What tests of the command line share: the result of a command, and a stand-in node.

The stand-in is a gRPC service on a real Unix socket and verifies the signature of every call; only its
answers are canned. What a whole node does is tested in tests/cli/test_real_node.py.
"""

from __future__ import annotations

import json
import os
import time
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc
from google.protobuf.message_factory import GetMessageClass

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys import calls
from fanal.keys.documents import decode_document
from fanal.keys.identity import IdentityView, verify_own_claim
from fanal.notices.compose import make_ref, new_draft, stamp
from fanal.v1 import officer_pb2
from fanal.v1 import officer_pb2 as api
from fanal.v1.identity_pb2 import KeyUse
from fanal.v1.notice_pb2 import Notice

REF = make_ref("AZ-CUS", 2026, 17)
SERVICE = officer_pb2.DESCRIPTOR.services_by_name["OfficerApi"]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


def identity_of(home: Home) -> IdentityView:
    return verify_own_claim(decode_document(home.identity_files()[-1].read_bytes()))


@dataclass
class FakeNode:
    """Answers by call name: a message, a FanalError, a grpc status, or a function of the request."""

    home: Home
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    streamed: list[bytes] = field(default_factory=list)
    """What followed the first message of each stream to the node."""
    nonces: calls.NonceCache = field(default_factory=lambda: calls.NonceCache(since=0))

    def requests(self, name: str) -> list[Any]:
        """Every request of one call, oldest first."""
        return [request for called, request in self.calls if called == name]

    def handler(self) -> grpc.GenericRpcHandler:
        made = {method.name: self._method(method) for method in SERVICE.methods}
        return grpc.method_handlers_generic_handler("fanal.v1.OfficerApi", made)

    def _method(self, method: Any) -> grpc.RpcMethodHandler:
        serve = self._serve(method.name, method.input_type)
        if method.client_streaming:

            def take(messages: Any, context: grpc.ServicerContext) -> bytes:
                """The first message is signed; what follows is kept beside it."""
                answer = serve(next(messages), context)
                self.streamed.append(b"".join(method_type.FromString(one).data for one in messages))
                return answer

            method_type: Any = GetMessageClass(method.input_type)
            return grpc.stream_unary_rpc_method_handler(take)
        if method.server_streaming:

            def give(data: bytes, context: grpc.ServicerContext) -> Any:
                self._pieces: list[Any] = []
                first = serve(data, context)
                yield from [first, *(one.SerializeToString() for one in self._pieces)]

            return grpc.unary_stream_rpc_method_handler(give)
        return grpc.unary_unary_rpc_method_handler(serve)

    def _serve(self, name: str, input_type: Any) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def serve(data: bytes, context: grpc.ServicerContext) -> bytes:
            self._verify(name, data, context)
            request = GetMessageClass(input_type).FromString(data)
            self.calls.append((name, request))
            answer = self.answers.get(name)
            if callable(answer) and not isinstance(answer, type):
                answer = answer(request)
            if isinstance(answer, FanalError):
                packed = json.dumps({"id": answer.kind.id, "facts": answer.facts}).encode()
                context.set_trailing_metadata((("fanal-error-bin", packed),))
                context.abort(grpc.StatusCode.INTERNAL, answer.kind.id)
            if isinstance(answer, list):
                answer, *self._pieces = answer
            if answer is None or isinstance(answer, grpc.StatusCode):
                context.abort(answer or grpc.StatusCode.UNIMPLEMENTED, "")
            return bytes(answer.SerializeToString())

        return serve

    def _verify(self, name: str, data: bytes, context: grpc.ServicerContext) -> None:
        def find(identifier: bytes) -> bytes:
            return identity_of(self.home).officer(identifier).public

        metadata = [(one.key, one.value) for one in context.invocation_metadata()]
        method = f"/fanal.v1.OfficerApi/{name}"
        calls.verify_call(metadata, method, data, find, int(time.time()), self.nonces)


def misfits(value: Any, shape: Any, path: str = "$") -> list[str]:
    """Where a JSON value differs from a TypedDict, list, dict or scalar type; empty when it fits exactly."""
    if shape is object:
        return []
    if typing.is_typeddict(shape):
        hints = typing.get_type_hints(shape)
        if not isinstance(value, dict) or set(value) != set(hints):
            return [f"{path}: {sorted(value)} is not {sorted(hints)}"]
        return [bad for name, inner in hints.items() for bad in misfits(value[name], inner, f"{path}.{name}")]
    if isinstance(shape, types.UnionType):
        tried = [misfits(value, one, path) for one in typing.get_args(shape)]
        return [] if [] in tried else tried[0]
    if typing.get_origin(shape) is list:
        inner = typing.get_args(shape)[0]
        return [bad for at, one in enumerate(value) for bad in misfits(one, inner, f"{path}[{at}]")]
    if typing.get_origin(shape) is dict:
        return [] if isinstance(value, dict) else [f"{path}: no object"]
    return [] if type(value) is shape else [f"{path}: {value!r} is no {shape.__name__}"]


def a_notice(originator: str = "AZ-CUS") -> Notice:
    made = new_draft("SHIPMENT_WARNING", originator, int(time.time()), os.urandom)
    made.recipients.append("GE-CUS" if originator == "AZ-CUS" else "AZ-CUS")
    return stamp(made, make_ref(originator, 2026, 3), int(time.time()), os.urandom)


def showing(node: FakeNode, notice: Notice, outgoing: bool, statement: bytes = b"") -> None:
    """Lets the node show this notice."""
    summary = api.NoticeSummary(
        notice_id=notice.notice_id, ref=notice.ref, revision=1, kind="SHIPMENT_WARNING", outgoing=outgoing
    )
    summary.originator, summary.tlp = notice.originator, "AMBER"
    node.answers["Show"] = api.ShowReply(
        summary=summary,
        notice=notice.SerializeToString(deterministic=True),
        statement=statement,
        manifest_sha256=b"\2" * 32,
        officer="officer-1",
    )
    node.answers["MarkRead"] = api.MarkReadReply(first=True)
    sent = [api.Delivery(recipient=one, state="STORED") for one in notice.recipients]
    node.answers["Track"] = api.TrackReply(summary=summary, deliveries=sent)


def passphrases(*lines: str) -> int:
    """A descriptor with these lines."""
    reader, writer = os.pipe()
    os.write(writer, "".join(f"{line}\n" for line in lines).encode())
    os.close(writer)
    return reader


def key_of(home: Home, use: KeyUse.Code) -> str:
    """The id of the newest key of a use, in hex."""
    return identity_of(home).of_use(use)[0].key_id.hex()
