# SPDX-License-Identifier: Apache-2.0
"""What ``fanal init`` writes: every key of a new agency, and the document its root signs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanal.cli.errors import BAD_CHOICE
from fanal.config.check import address
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.i18n import _, say
from fanal.keys import ed25519, keystore, mldsa, root, xwing
from fanal.keys.agency import check_agency
from fanal.keys.certificate import Certificate, create_certificate
from fanal.keys.documents import RootKeys, encode_document
from fanal.keys.files import write_private
from fanal.keys.identity import encrypt_entry, first_identity, key_entry, officer_entry, tls_entry
from fanal.keys.rotation import BACKDATED, IDENTITY_DAYS, KEY_DAYS, LOG_DAYS
from fanal.keys.secret import Secret
from fanal.proof.checkpoint import origin
from fanal.v1.identity_pb2 import Custody, KeyEntry, KeyUse, OfficerRight

DAY = 86_400


@dataclass(frozen=True)
class Plan:
    """What the agency shall be called and where its node is."""

    agency: str
    names: Mapping[str, str]
    listen: str
    advertise: str
    officer_id: str
    duty: bool
    roles: tuple[str, ...]

    @classmethod
    def checked(
        cls,
        agency: str,
        names: Sequence[str],
        listen: str,
        advertise: str,
        officer_id: str,
        duty: bool,
        roles: Sequence[str],
    ) -> Plan:
        """The plan, if agency, names and addresses are well formed. FanalError naming the option."""
        if listen:
            address("listen", listen, "--listen")
        if advertise:
            address("advertise", advertise, "--advertise")
        return cls(check_agency(agency), _names(names), listen, advertise, officer_id, duty, tuple(roles))


def found(home: Home, plan: Plan, secret: Secret, now: int, with_key_file: bool) -> None:
    """Writes a whole agency into the empty folder ``home``. Everything secret is encrypted or mode 0600."""
    for folder in _folders(home):
        folder.mkdir(mode=0o700)
    authority = root.create(home.root, secret)
    seeds = _node_seeds()
    keystore.Keystore.create(home.node_keys, secret, seeds)
    officer = ed25519.generate()
    keystore.Keystore.create(home.officer_file(plan.officer_id), secret, {"officer": officer})
    certificate = create_certificate(now, KEY_DAYS * DAY)
    write_private(home.tls_key, certificate.key_pem, replace=False)
    write_private(home.tls_certificate, certificate.pem, replace=False)
    document = first_identity(
        authority,
        plan.agency,
        keys=_entries(plan, authority.public, seeds, officer, certificate, now),
        created=now,
        not_after=now + IDENTITY_DAYS * DAY,
        names=plan.names,
        roles=plan.roles,
        endpoints=_endpoints(plan),
        duty=plan.duty,
    )
    write_private(home.identity_file(1), encode_document(document), replace=False)
    write_private(home.settings_file, _settings(plan, with_key_file).encode(), replace=False)


def _folders(home: Home) -> list[Path]:
    return [
        home.officers_folder,
        home.identity_folder,
        home.charter_folder,
        home.peers_folder,
        home.data,
        home.run,
    ]


def _node_seeds() -> dict[str, bytes]:
    return {
        "node-sign": ed25519.generate(),
        "encrypt-1": secrets.token_bytes(32),
        "log": ed25519.generate(),
        "witness": ed25519.generate(),
        "anchor": mldsa.generate(),
        "vault": secrets.token_bytes(32),
    }


def _entries(
    plan: Plan,
    authority: RootKeys,
    seeds: Mapping[str, bytes],
    officer: bytes,
    certificate: Certificate,
    now: int,
) -> list[KeyEntry]:
    start = now - BACKDATED
    log, witness = ed25519.public_of(seeds["log"]), ed25519.public_of(seeds["witness"])
    rights = (OfficerRight.AUTHOR, OfficerRight.RELEASE, OfficerRight.READ)
    return [
        key_entry(KeyUse.NODE_SIGN, ed25519.public_of(seeds["node-sign"]), 1, start, now + KEY_DAYS * DAY),
        encrypt_entry(xwing.public_of(seeds["encrypt-1"]), 1, start),
        tls_entry(certificate.der, 1),
        key_entry(KeyUse.LOG, log, 1, start, now + LOG_DAYS * DAY, log_origin(plan.agency, authority)),
        key_entry(KeyUse.WITNESS, witness, 1, start, now + LOG_DAYS * DAY),
        key_entry(KeyUse.ANCHOR, mldsa.public_of(seeds["anchor"]), 1, start, now + LOG_DAYS * DAY),
        officer_entry(
            plan.officer_id, rights, Custody.OWN, ed25519.public_of(officer), 1, start, now + KEY_DAYS * DAY
        ),
    ]


def log_origin(agency: str, root: RootKeys, number: int = 1) -> str:
    """The name of an agency's log, unique by its root keys."""
    return origin(hashlib.sha256(root.ed25519 + root.ml_dsa).digest(), agency, number)


def _endpoints(plan: Plan) -> list[str]:
    where = plan.advertise or plan.listen
    return [] if not where or where.endswith(":0") else [where]


def _names(given: Sequence[str]) -> dict[str, str]:
    names = {}
    for one in given:
        language, sign, text = one.partition("=")
        if not (language and sign and text):
            raise FanalError(
                BAD_CHOICE, value=repr(one), what=say(_("name of an agency")), choices="en='Its name'"
            )
        names[language] = text
    return names


def _settings(plan: Plan, with_key_file: bool) -> str:
    lines = [
        "# Settings of this node; every key is explained in config/examples/fanal.toml.",
        f'agency = "{plan.agency}"',
        f'listen = "{plan.listen}"',
        f'advertise = "{plan.advertise}"' if plan.advertise else "",
        'key_file = "unlock.key"' if with_key_file else "",
    ]
    return "\n".join(line for line in lines if line) + "\n"
