# SPDX-License-Identifier: Apache-2.0
"""A line between two processes that is slow and can be cut: TCP, forwarded by threads of the test."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class CutLine:
    """Listens on ``port``, forwards to ``target``: at most ``rate`` bytes a second each way; 0: all."""

    def __init__(self, port: int, target: int, rate: int = 0) -> None:
        self.rate, self._target = rate, target
        self.carried = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> int:
        """End every connection now; how many there were."""
        with self._lock:
            found, self._open = self._open, set()
        for one in found:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        return len(found) // 2

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        pause = threading.Event()
        with contextlib.suppress(OSError):
            while data := source.recv(16 * 1024):
                began = time.monotonic()
                target.sendall(data)
                self.carried += len(data)
                if self.rate:
                    pause.wait(max(0.0, len(data) / self.rate - (time.monotonic() - began)))
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
