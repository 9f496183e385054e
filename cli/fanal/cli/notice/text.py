# SPDX-License-Identifier: Apache-2.0
"""A notice for reading: its head, its body as indented lines, and what is known about its signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fanal.cli.shown.text import fields, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import AttachmentRow, NoticeRow, NoticeShown
    from fanal.v1.notice_pb2 import Notice
    from fanal.v1.officer_pb2 import ShowReply

NESTING = 64


def notice_of(reply: ShowReply) -> Notice | None:
    """The notice a node showed, or None when its text was erased or is no notice of this version."""
    from google.protobuf.message import DecodeError

    from fanal.v1.notice_pb2 import Notice

    try:
        return Notice.FromString(reply.notice) if reply.notice else None
    except DecodeError:
        return None


def shown_data(reply: ShowReply, signature: str) -> NoticeShown:
    """The JSON shape of one notice."""
    from fanal.cli.notice.rows import attachment_rows, problem_data, summary_data
    from fanal.notices.forms import to_json

    notice = notice_of(reply)
    return {
        "summary": summary_data(reply.summary),
        "notice": to_json(notice) if notice is not None else None,
        "signature": signature,
        "officer": reply.officer,
        "custody": reply.custody,
        "problems": [problem_data(one) for one in reply.problems],
        "replies": list(reply.replies),
        "reasons": [{"code": one.code, "text": one.text} for one in reply.reasons],
        "leaf_index": reply.leaf_index,
        "manifest_sha256": reply.manifest_sha256.hex(),
        "withdrawn_reason": reply.withdrawn_reason,
        "hold_reason": reply.hold_reason,
        "erased_at": when(reply.erased_at),
        "erasure_basis": reply.erasure_basis,
        "erasure_state": reply.erasure_state,
        "restated_to": list(reply.restated_to),
        "recall": reply.recall,
        "attachments": attachment_rows(reply, notice),
        "read_receipt": False,
    }


def shown_text(data: NoticeShown) -> str:
    """The same for a person."""
    row = data["summary"]
    head = _("{ref}  {kind}  revision {revision}  {status}")
    facts = {"kind": row["kind"], "revision": row["revision"], "status": row["status"]}
    lines = [say(head, ref=row["ref"], **facts), *fields(*head_rows(data))]
    lines += ["", *(tree(data["notice"]) if data["notice"] else [say(_("The text is not kept any more."))])]
    if data["read_receipt"]:
        lines += ["", say(_("A READ receipt goes to {agency}."), agency=row["originator"])]
    return "\n".join(lines)


def head_rows(data: NoticeShown) -> list[tuple[str, str]]:
    """Marked labels and values of what is known about a notice."""
    row = data["summary"]
    author, answer = _("{agency}, officer {officer}"), _("{time}, answer by {limit}")
    known = say(author, agency=row["originator"], officer=data["officer"])
    handling = ["TLP " + row["tlp"]] if row["tlp"] else []
    handling += [row["urgency"]] if row["urgency"] else []
    issued = (
        say(answer, time=row["issued_at"], limit=row["reply_by"]) if row["reply_by"] else row["issued_at"]
    )
    rows = [
        (_("from"), known if data["officer"] else row["originator"]),
        (_("id"), row["notice_id"]),
        *([(_("handling"), ", ".join(handling))] if handling else []),
        *([(_("issued"), issued)] if issued else []),
        (_("verified"), data["signature"]),
        *_revoked(row),
        (_("ledger"), say(_("leaf {index}"), index=data["leaf_index"])),
    ]
    rows += [(_("withdrawn"), data["withdrawn_reason"])] if data["withdrawn_reason"] else []
    rows += [(_("legal hold"), data["hold_reason"])] if data["hold_reason"] else []
    rows += [(_("forwarded"), ", ".join(data["restated_to"]))] if data["restated_to"] else []
    rows += [(_("recall"), data["recall"])] if data["recall"] else []
    erased = (data["erased_at"], data["erasure_basis"], data["erasure_state"])
    rows += [(_("erased"), ", ".join(erased))] if data["erased_at"] else []
    rows += [(_("overridden"), f"{one['code']}: {one['text']}") for one in data["reasons"]]
    problem = _("{code} at {field}: {message}")
    for one in data["problems"]:
        facts = {"code": one["code"], "field": one["field"], "message": one["message"]}
        rows.append((one["severity"], say(problem, **facts)))
    rows += [(_("attached"), _attached(one)) for one in data["attachments"]]
    rows += [(_("answers"), ", ".join(data["replies"]))] if data["replies"] else []
    return rows


def _revoked(row: NoticeRow) -> list[tuple[str, str]]:
    from fanal.cli.shown.words import revoked_words

    words = revoked_words(row)
    label = _("SUSPECT") if row["status"] == "SUSPECT" else _("key revoked")
    return [(label, words)] if words else []


def _attached(row: AttachmentRow) -> str:
    """An attachment in a line: what it is, and whether it is here."""
    states = {
        "HERE": _("here"),
        "FETCHING": _("fetching {percent} %"),
        "MISSING": _("missing, not begun yet"),
        "ERASED": _("erased"),
    }
    state = say(states.get(row["state"], "?"), percent=100 * row["have"] // max(row["total"], 1))
    known = _("{name}, {type}, {size} bytes: {state}")
    if not row["name"]:
        return state
    return say(known, name=row["name"], type=row["media_type"], size=row["size_bytes"], state=state)


def tree(value: Any, depth: int = 0) -> Iterator[str]:
    """``name: value`` lines, two spaces a level; a list item begins with a hyphen."""
    pad = "  " * depth
    if depth > NESTING:
        yield f"{pad}..."
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _named(f"{pad}{name}:", inner, depth)
    elif isinstance(value, list):
        for inner in value:
            lines = list(tree(inner, depth + 1)) if isinstance(inner, dict | list) else [f"{pad}  {inner}"]
            yield from (
                f"{pad}- {line[len(pad) + 2 :]}" if at == 0 else line for at, line in enumerate(lines)
            )


def _named(head: str, inner: Any, depth: int) -> Iterator[str]:
    if isinstance(inner, dict | list):
        if inner and isinstance(inner, list) and not any(isinstance(one, dict | list) for one in inner):
            yield f"{head} {', '.join(str(one) for one in inner)}"
            return
        yield head
        yield from tree(inner, depth + 1)
    else:
        indent = "\n" + "  " * (depth + 1)
        yield f"{head} {str(inner).replace(chr(10), indent)}"
