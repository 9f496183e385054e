# SPDX-License-Identifier: Apache-2.0
"""Structured logs: one JSON object a line, to stderr or a file, without secrets.

Both structlog and the standard library's loggers end here. Values under a name that sounds like a secret are
replaced, bytes are shown as the beginning of their hex, and tracebacks carry no local variables. A log that
cannot be written stops nothing, and is told of by `unwritten`; one whose file was moved away goes on in a new
file of that name.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

import structlog

SECRET_NAMES = ("secret", "passphrase", "password", "seed", "private", "key_pem")
LINE_VALUE = 1_000


@dataclass(frozen=True)
class Unwritten:
    """Lines that are lost: why the last one is, how many, when (Unix seconds)."""

    reason: str
    count: int
    last: int


_lost: Unwritten | None = None


class _Told:
    """Of a handler: what fails is remembered, until a line is written again."""

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        global _lost
        raised = sys.exc_info()[1]
        reason = getattr(raised, "strerror", None) or type(raised).__name__
        _lost = Unwritten(reason, 1 + (_lost.count if _lost else 0), int(time.time()))


class _ToStream(_Told, logging.StreamHandler):  # type: ignore[type-arg]
    pass


class _ToFile(_Told, WatchedFileHandler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # the file was moved away, and another one cannot be made
            self.handleError(record)


def unwritten() -> Unwritten | None:
    """What the log has lost if it cannot be written now; tries it."""
    global _lost
    before = _lost
    if before is None:
        return None
    logging.getLogger(__name__).error("%d lines of the log were lost: %s", before.count, before.reason)
    if _lost is before:
        _lost = None
    return _lost


class _Seldom(logging.Filter):
    """gRPC's complaint about an address in an error text comes with every dial: once a minute is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if not (record.name.startswith("grpc") and record.getMessage().startswith("Invalid encoding")):
            return True
        record.exc_info = None
        due, now = self._next, time.monotonic()
        self._next = now + 60.0 if now >= due else due
        return now >= due


def configure(level: str = "info", file: Path | None = None) -> None:
    """Send everything from `level` on to `file`, else to stderr. Called once, before the loop starts."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler: logging.Handler = _ToFile(file) if file else _ToStream(sys.stderr)
    handler.addFilter(_Seldom())
    handler.setFormatter(formatter)
    logging.raiseExceptions = False  # a closed stderr must not stop the node
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No secret and no long value leaves the process in a log line."""
    for name, value in event.items():
        if name.startswith("_"):
            continue
        event[name] = "[left out]" if _is_secret(name) else _plain(value)
    return event


def _is_secret(name: str) -> bool:
    return any(part in name.lower() for part in SECRET_NAMES)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[:16]).hex()
    if isinstance(value, dict):
        return {k: "[left out]" if _is_secret(str(k)) else _plain(v) for k, v in value.items()}
    if isinstance(value, str) and len(value) > LINE_VALUE * 10:
        return value[: LINE_VALUE * 10]
    return value
