# SPDX-License-Identifier: Apache-2.0
"""gRPC health (grpc.health.v1) on both doors: SERVING while the node takes calls, NOT_SERVING while it stops.

It says nothing else: locked or not, connected or not is for `Status`. On the peers' port the caller must be
admitted like for every other call; on the officers' socket anybody who reaches the socket may ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from fanal.errors import FanalError
from fanal.node.service.wire import raw, refuse

SERVICE = "grpc.health.v1.Health"


class Health:
    """`services`: the names that are served here beside ""; `admit` raises for a caller who may not ask."""

    def __init__(
        self, services: tuple[str, ...], admit: Callable[[Any], object] = lambda context: None
    ) -> None:
        self.serving = True
        self._services, self._admit = ("", *services), admit

    def handler(self) -> Any:
        """For `server.add_generic_rpc_handlers`."""
        check = grpc.unary_unary_rpc_method_handler(self.check, raw, raw)
        return grpc.method_handlers_generic_handler(SERVICE, {"Check": check})

    async def check(self, request: bytes, context: Any) -> bytes:
        try:
            self._admit(context)
        except FanalError as error:
            await refuse(context, error)
        asked: Any = health_pb2.HealthCheckRequest
        try:
            service = asked.FromString(request[:256]).service
        except ValueError:
            service = "?"
        if service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        answer: Any = health_pb2.HealthCheckResponse
        status = answer.SERVING if self.serving else answer.NOT_SERVING
        data: bytes = answer(status=status).SerializeToString()
        return data
