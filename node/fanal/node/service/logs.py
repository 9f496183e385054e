# SPDX-License-Identifier: Apache-2.0
"""Structured logs: one JSON object a line, to stderr or a file, without secrets.

Both structlog and the standard library's loggers end here. Values under a name that sounds like a secret are
replaced, bytes are shown as the beginning of their hex, and tracebacks carry no local variables.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

SECRET_NAMES = ("secret", "passphrase", "password", "seed", "private", "key_pem")
LINE_VALUE = 1_000


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
    handler = logging.FileHandler(file) if file else logging.StreamHandler(sys.stderr)
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
