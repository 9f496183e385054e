# SPDX-License-Identifier: Apache-2.0
"""``fanal completion``: the script that lets a shell complete commands, options, agencies and key ids.

What is completed comes from the folder of the agency: no node is asked, no key is opened. So ids of notices
are not completed.
"""

from __future__ import annotations

import click

from fanal.cli.command import command
from fanal.cli.session import Session

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FANAL_COMPLETE"
_SHORT = 16


@command(
    "completion",
    'eval "$(fanal completion bash)"      # in ~/.bashrc',
    "fanal completion fish > ~/.config/fish/completions/fanal.fish",
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(session: Session, shell: str) -> None:
    """Print the completion script of a shell: commands, options, agencies of the network, ids of own keys.

    Ids of notices are not completed. They lie in the encrypted inbox, so the node would have to be asked with
    your key at every press of Tab, and every look is a leaf in the log. The beginning of an id is enough:
    fanal notice show 018f2c.
    """
    from click.shell_completion import get_completion_class

    from fanal.cli.table import root

    made = get_completion_class(shell)
    assert made is not None  # one of SHELLS
    text = made(root, {}, "fanal", VARIABLE).source()
    session.out.emit({"shell": shell, "script": text}, text.rstrip("\n"))


def agencies(_ctx: click.Context, _param: click.Parameter, given: str) -> list[str]:
    """Members of the newest charter in the folder that begin so."""
    from fanal.cli.network.charters import read_document
    from fanal.config.home import Home
    from fanal.errors import FanalError
    from fanal.keys.charter import parse_charter

    try:
        files = Home.find().charter_files()
        members = parse_charter(read_document(files[-1])).members if files else ()
    except (FanalError, OSError):
        return []
    return sorted(one.agency for one in members if one.agency.startswith(given.upper()))


def own_keys(_ctx: click.Context, _param: click.Parameter, given: str) -> list[str]:
    """Ids of own keys that begin so, as far as they tell one from another."""
    from fanal.cli.local.key import own_identity
    from fanal.config.home import Home
    from fanal.errors import FanalError

    try:
        keys = own_identity(Home.find()).keys
    except (FanalError, OSError):
        return []
    return sorted(one.hex()[:_SHORT] for one in keys if one.hex().startswith(given.lower()))
