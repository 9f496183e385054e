# SPDX-License-Identifier: Apache-2.0
"""Who signed this call: a current officer of this very agency, or nobody.

Officers of other agencies, unknown keys, keys that are not valid yet or any more, and revoked keys are all
refused before anything of the request is looked at but its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fanal.errors import FanalError, VerificationError
from fanal.keys.call_errors import CALL_MALFORMED, CALL_REPLAYED, CALL_TIME, CALLS_TOO_MANY
from fanal.keys.calls import NonceCache, verify_call
from fanal.keys.errors import UnknownIdentity
from fanal.keys.identity import KeyView
from fanal.keys.trust import Directory, KeyStatus
from fanal.node.desk.actor import Actor
from fanal.node.service.errors import NOT_AUTHENTICATED

Metadata = Iterable[tuple[str, str | bytes]]

UNAUTHENTICATED = (NOT_AUTHENTICATED, CALL_MALFORMED, CALL_TIME, CALL_REPLAYED, CALLS_TOO_MANY)


class Authenticator:
    """Remembers the nonces of a minute; `directory` gives the present directory of the agency."""

    def __init__(self, agency: str, directory: Callable[[], Directory], started: float) -> None:
        self.agency, self._directory = agency, directory
        self._nonces = NonceCache(int(started))

    def clock_moved(self, now: float) -> None:
        """The wall clock has jumped: no officer shall have to wait until it is where it was."""
        self._nonces.begin_again(int(now))

    def __call__(self, metadata: Metadata, method: str, request: bytes, now: float) -> Actor:
        """The officer who signed this method and request. FanalError of `UNAUTHENTICATED`."""
        try:
            key_id = verify_call(
                metadata, method, request, lambda key: self._key(key, now).public, int(now), self._nonces
            )
        except VerificationError as error:
            raise self._refused("the signature does not fit the call") from error
        officer = self._key(key_id, now).officer
        if officer is None:
            raise self._refused("the key is no officer's")
        return Actor(key_id, officer.officer_id, frozenset(officer.rights), officer.custody)

    def _key(self, key_id: bytes, now: float) -> KeyView:
        try:
            known = self._directory().officer(self.agency, key_id, int(now))
        except (UnknownIdentity, VerificationError) as error:
            raise self._refused("the key is not in its identity document") from error
        if known.status is not KeyStatus.CURRENT:
            raise self._refused(f"the key is {known.status.value}")
        if not known.key.valid_at(int(now)):
            raise self._refused("the key is not valid now")
        return known.key

    def _refused(self, reason: str) -> FanalError:
        return FanalError(NOT_AUTHENTICATED, agency=self.agency, reason=reason)
