# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an agency's folder or its configuration file."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

NO_HOME = ErrorKind(
    "FANAL-E0501",
    Exit.USAGE,
    _("No folder for this agency is known: FANAL_HOME is not set and the user has no home folder."),
    _("Set FANAL_HOME to the folder of the agency, or give it with --home."),
)
NOT_INITIALISED = ErrorKind(
    "FANAL-E0502",
    Exit.NOT_FOUND,
    _("{path} holds no agency: there is no fanal.toml in it."),
    _("If its disk is gone, mount it. Else point FANAL_HOME at its folder, or begin: fanal init AGENCY"),
)
UNREADABLE = ErrorKind(
    "FANAL-E0503",
    Exit.FAILED,
    _("{path} cannot be read: {reason}."),
    _("Check who owns it and its permissions, then try again."),
)
NOT_TOML = ErrorKind(
    "FANAL-E0504",
    Exit.USAGE,
    _("{path} is not valid TOML: {reason}."),
    _("Correct the line named; config/examples/fanal.toml shows every key."),
)
TOO_LARGE = ErrorKind(
    "FANAL-E0505",
    Exit.USAGE,
    _("{path} is larger than {limit} bytes."),
    _("Check that this is the right file: what is read here is small."),
)
UNKNOWN_KEY = ErrorKind(
    "FANAL-E0506",
    Exit.USAGE,
    _("There is no setting {key}."),
    _("{suggestion}"),
)
WRONG_TYPE = ErrorKind(
    "FANAL-E0507",
    Exit.USAGE,
    _("The setting {key} ({origin}) must be {expected}."),
    _("Correct it; config/examples/fanal.toml shows every key with its default."),
)
OUT_OF_RANGE = ErrorKind(
    "FANAL-E0508",
    Exit.USAGE,
    _("The setting {key} ({origin}) must be between {low} and {high}."),
    _("Choose a value within these limits."),
)
BAD_ADDRESS = ErrorKind(
    "FANAL-E0509",
    Exit.USAGE,
    _("The setting {key} ({origin}) is not an address of the form host:port: {value}."),
    _("Write it as 192.0.2.7:7443, node.example.org:7443 or [2001:db8::7]:7443."),
)
BAD_CHOICE = ErrorKind(
    "FANAL-E0510",
    Exit.USAGE,
    _("The setting {key} ({origin}) must be one of {choices}."),
    _("Choose one of them."),
)
SOCKET_TOO_LONG = ErrorKind(
    "FANAL-E0511",
    Exit.UNREACHABLE,
    _("The path of the officers' socket has {length} bytes; the system allows {limit}: {path}."),
    _('Set a shorter one in fanal.toml, for example: socket = "/run/fanal/api.sock".'),
)
BAD_AGENCY = ErrorKind(
    "FANAL-E0512",
    Exit.USAGE,
    _("The setting {key} ({origin}) is not an agency id: {value}."),
    _("An agency id is a country code and a short code, for example AZ-CUS."),
)
NO_AGENCY = ErrorKind(
    "FANAL-E0513",
    Exit.USAGE,
    _("{path} does not say which agency it belongs to."),
    _('Add a line such as: agency = "AZ-CUS".'),
)
BAD_OFFICER_ID = ErrorKind(
    "FANAL-E0514",
    Exit.USAGE,
    _("{value} is not an officer id: 1 to 32 characters of a-z, 0-9 and the hyphen."),
    _("Use a pseudonym such as officer-1; the agency alone knows the person."),
)
FILE_MISSING = ErrorKind(
    "FANAL-E0515",
    Exit.NOT_FOUND,
    _("There is no file {path}."),
    _("Check the name; a relative one counts from the folder you are in."),
)
HOME_DENIED = ErrorKind(
    "FANAL-E0516",
    Exit.NOT_PERMITTED,
    _("This user may not enter {path}."),
    _("Run the command as the user of the agency's folder, or point FANAL_HOME at your own."),
)
NOT_LOOPBACK = ErrorKind(
    "FANAL-E0517",
    Exit.USAGE,
    _("The setting {key} ({origin}) is an address that other machines reach: {value}."),
    _("Write it as 127.0.0.1:9443; let the monitoring system ask from this machine."),
)
