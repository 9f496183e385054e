# SPDX-License-Identifier: Apache-2.0
"""The network: folders, processes and officers of every agency, joined by create, invite, join and approve.

The joining is the real one. The governor's node makes a one-use token for each agency; the agency asks at the
join listener that the token pins; each side sees six groups of four digits and types what the other side
reads; the governor's root signs the next charter. Only the telephone is missing: digits go from thread to
thread.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fanal.cli.demo.capture import Taps
from fanal.cli.demo.desk import Desk
from fanal.cli.demo.expectations import until
from fanal.cli.demo.plan import RELAY, Plan
from fanal.cli.demo.ports import free_ports
from fanal.cli.demo.process import NodeProcess
from fanal.cli.network.charters import read_document
from fanal.cli.network.join import keep
from fanal.config.home import Home
from fanal.keys.joining import check_code, decode_invite
from fanal.node.service.join_client import request_join
from fanal.v1 import officer_pb2 as api

JOIN_SECONDS = 60.0


class Network:
    """Everything that runs. ``stop`` ends every process that it started, whatever happened."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        ports = iter(free_ports(2 * len(plan.everybody) + 1))
        self.doors = {agency: (next(ports), next(ports)) for agency in plan.everybody}
        self.join_port = next(ports)
        self.homes = {agency: Home(folder / agency.lower()) for agency in plan.everybody}
        self.nodes = {agency: NodeProcess(agency, home) for agency, home in self.homes.items()}
        self.desks = {agency: Desk(agency, home) for agency, home in self.homes.items()}
        self.taps = Taps(self.doors)
        self.network_id = ""
        self._starting = threading.Lock()
        self._ended = False

    # --- founding ------------------------------------------------------------------------------------

    def found(self) -> None:
        """Keys and folders of everybody, the network of the governor, and the governor's node."""
        self.taps.start()
        first = self.plan.governor
        self._init(first)
        mine = [name for name, members in self.plan.channels.items() if first in members]
        channels = [word for name in mine for word in ("--channel", name)]
        made = self.desks[first].run("network", "create", "demo", *channels)
        self.network_id = str(made["network"])
        self._start(first)
        for agency in self.plan.everybody[1:]:
            self._init(agency)
        self.nodes[first].wait_ready()
        foreign = self.plan.channels.keys() - set(mine)
        assert not foreign, "the governor of the demo belongs to every channel of it"

    def _init(self, agency: str) -> None:
        told, real = self.doors[agency]
        listen = ["--listen", f"127.0.0.1:{real}", "--advertise", f"127.0.0.1:{told}"]
        duty = ["--duty"] if agency in self.plan.duty else []
        self.desks[agency].run("init", agency, "--key-file", *listen, *duty, "--name", f"en={agency} (demo)")
        with self.homes[agency].settings_file.open("a", encoding="utf-8") as file:
            if agency == self.plan.governor:
                file.write(f'join_listen = "127.0.0.1:{self.join_port}"\n')
            if agency == self.plan.behind:
                file.write(f'peers = ["{RELAY}"]\n')

    # --- joining -------------------------------------------------------------------------------------

    def join_all(self) -> None:
        """Invite everybody, let them ask at the same time, approve them one by one as they are read out.

        The relay comes first and the agency behind it last: the charter that lets it in must name the only
        peer through which it will hear of anything.
        """
        governor, newcomers = self.desks[self.plan.governor], self.plan.everybody[1:]
        tokens = {agency: str(governor.run("network", "invite", agency)["token"]) for agency in newcomers}
        telephone = {agency: _Telephone() for agency in newcomers}
        joining = [_Thread(partial(self._join, one, tokens[one], telephone[one])) for one in newcomers]
        for agency in sorted(newcomers, key=lambda a: (a == self.plan.behind, a != RELAY)):
            asked = self._pending(agency)
            telephone[agency].governor_reads.put(asked)
            code = telephone[agency].newcomer_reads.get(timeout=JOIN_SECONDS)
            governor.run("network", "approve", agency, "--code", code, *self._role(agency))
        self._serve()
        for thread in joining:
            thread.result(JOIN_SECONDS)

    def _join(self, agency: str, token: str, telephone: _Telephone) -> None:
        """What ``fanal network join`` does, and then ``fanal node run``."""
        home = self.homes[agency]

        def compare(shown: str) -> None:
            telephone.newcomer_reads.put(shown)
            check_code(shown, telephone.governor_reads.get(timeout=JOIN_SECONDS))

        identity = read_document(home.identity_files()[-1])
        keep(home, request_join(decode_invite(token), identity, compare, JOIN_SECONDS), agency)
        self._start(agency)
        self.nodes[agency].wait_ready()

    def _pending(self, agency: str) -> str:
        """The digits that the governor's side shows for this agency."""
        desk = self.desks[self.plan.governor]

        def shown() -> str:
            reply = desk.call("PendingJoins", api.PendingJoinsRequest(), api.PendingJoinsReply)
            return next((one.code for one in reply.joins if one.agency == agency), "")

        return until(f"{agency} asks to join", JOIN_SECONDS, shown)

    def _role(self, agency: str) -> list[str]:
        """What the governor lets it be."""
        if agency == RELAY:
            carried = [word for name in self.plan.channels for word in ("--channel", name)]
            return ["--relay", "--direct", *carried]
        mine = [name for name, members in self.plan.channels.items() if agency in members]
        return [word for name in mine for word in ("--channel", name)]

    def _serve(self) -> None:
        """A relay serves members only: named once the agency behind it is one, by the next charter."""
        governor, file = self.desks[self.plan.governor], self.folder / "charter.json"
        governor.run("network", "charter", "--export", str(file))
        wanted = json.loads(file.read_text("utf-8"))
        for relay in wanted["relays"]:
            relay["serves"] = [self.plan.behind]
        file.write_text(json.dumps(wanted), "utf-8")
        governor.run("network", "charter", "--apply", str(file), "--yes")
        file.unlink()

    def missing_links(self) -> list[str]:
        """What is not yet as planned: a link that does not stand, a charter that has not come."""
        newest = (
            len(self.plan.everybody) + 1
        )  # one for each agency, and the one that says whom the relay serves
        missing = []
        for agency, desk in self.desks.items():
            peers = desk.call("Peers", api.PeersRequest(), api.PeersReply).peers
            up = {one.agency for one in peers if one.state == "CONNECTED"}
            missing += [f"{agency} - {other}" for other in sorted(self.plan.linked(agency) - up)]
            version = desk.call("Status", api.StatusRequest(), api.StatusReply).charter_version
            missing += [f"{agency} has charter {version}"] if version != newest else []
        return missing

    # --- the end -------------------------------------------------------------------------------------

    def restart(self, agency: str) -> None:
        """Start the node of an agency again and wait until it is ready."""
        self._start(agency)
        self.nodes[agency].wait_ready()
        self.desks[agency].reconnect()

    def _start(self, agency: str) -> None:
        """Nothing is started once the end has begun, by no thread that joins late."""
        with self._starting:
            if not self._ended:
                self.nodes[agency].start()

    def stop(self) -> dict[str, int]:
        """End every process; agency -> exit code."""
        with self._starting:
            self._ended = True
        for desk in self.desks.values():
            desk.close()
        for node in self.nodes.values():
            node.terminate()
        codes = {agency: node.wait() for agency, node in self.nodes.items()}
        self.taps.stop()
        return codes

    def settle_for_keeping(self) -> None:
        """After the end: each node listens where the others were told, for no forwarder is there any more."""
        for agency, home in self.homes.items():
            told, real = self.doors[agency]
            text = home.settings_file.read_text("utf-8")
            text = text.replace(f'listen = "127.0.0.1:{real}"\n', f'listen = "127.0.0.1:{told}"\n')
            home.settings_file.write_text(text.replace(f'advertise = "127.0.0.1:{told}"\n', ""), "utf-8")


class _Telephone:
    """What each side reads out to the other."""

    def __init__(self) -> None:
        self.governor_reads: queue.Queue[str] = queue.Queue()
        self.newcomer_reads: queue.Queue[str] = queue.Queue()


class _Thread(threading.Thread):
    """Runs at once; ``result`` raises what the work raised. Never keeps the program alive."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error

    def result(self, seconds: float) -> None:
        """Wait for the end."""
        self.join(seconds)
        if self._error is not None:
            raise self._error
        if self.is_alive():
            raise TimeoutError("a joining agency did not come to an end")
