"""A payment's story for people: its journal rows as steps on three tracks (terminal, switch, host).

A core: the document of payments.py in, steps out. A step that a journal row proves carries that
row's place; what the row says of the other two tracks follows it. The words are in the catalogue
(words.py), which a test asks for every one of TEXTS.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pointsman.reports.declines import CATEGORIES, reason_of

Document = Mapping[str, Any]  # Any: JSON
TERMINAL, SWITCH, ACQUIRER = "t", "s", "a"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its track, its words with their values, and the journal row that proves it."""

    lane: str
    title: str
    values: Mapping[str, str]
    text: str = ""
    tone: str = ""  # bad, warn, back or nothing
    at: str = ""
    row: str = ""  # writer/sequence
    gap_ms: int | None = None  # since the journal row before
    move: str = field(default="")  # the wire that leads here: ts, st, sa, as


@dataclass(frozen=True, slots=True)
class Why:
    """Why a payment is what it is, in one line for people."""

    title: str
    values: Mapping[str, str]
    text: str
    tone: str
    code: str = ""
    category: tuple[str, str] = ("", "")  # English, Chinese
    reason: tuple[str, str] = ("", "")


_ASKED = "Asked at the terminal"
_WRITTEN = "Written before anything is sent"
_SENT = "Sent to {acquirer}"
_ANSWERS = "{acquirer} answers {host}"
_TOLD = "The terminal is told {code}"
_UNTOLD = "The terminal is told nothing"
_SILENT = "No valid answer of {acquirer}"
_UNSENT = "Not sent to {acquirer}"
_REFUSED = "Refused by the switch: {code}"
_OWED = "Owed to {acquirer}: {what}"
_ARRIVED = "The terminal asks for a reversal"
_CONFIRMED = "{acquirer} confirms the undoing: {code}"
_ACCEPTED = "{acquirer} has taken what was owed: {code}"
_PARKED = "{acquirer} refuses what is owed: {code}"
_LATE = "A late answer of {acquirer}: {code}"
_CLAIMED = "Taken over from a process that ended"
_DECIDED = "A person decided"
_OTHER = "{kind}"
_T_UNKNOWN = "The outcome is unknown. It is treated as neither yes nor no."
_T_ASKED = "{kind}, {method}, terminal {terminal}, its clock {clock}"
_T_SENT = "STAN {stan}, RRN {rrn}"
_T_BEFORE = "A reversal had come before."
_T_LATE = "It changes nothing any more."
_T_PARKED = "A person must look at it, under Exceptions."
_W_ACQUIRER = "{acquirer} declined it."
_W_SWITCH = "The switch refused it and sent nothing to an acquirer."
_W_RETRY = "Another try may succeed."
_W_FINAL = "Another try is not likely to help."
_W_UNKNOWN = "Sent, and no valid answer came in time."
_W_UNDONE = "What was asked is undone until the acquirer confirms it."
_W_FAILED = "It could not be sent; nothing was charged."
_W_REVERSED = "It was reversed; nothing was charged."

TEXTS: Final = tuple(
    value
    for name, value in list(globals().items())
    if isinstance(value, str) and re.match("_[A-Z]", name)
)
"""Every text that a step or a reason may carry."""


def steps(found: Document) -> list[Step]:
    """Return the story of a payment, oldest step first."""
    told = sorted(
        [*_from_journal(found), *_from_owed(found)], key=lambda one: one[0]
    )  # stable: what one row tells stays in order
    placed: list[Step] = []
    row_at = ""
    for at, step in told:
        gap = None
        if step.row and row_at:
            gap = _ms_between(row_at, at)
        if step.row:
            row_at = at
        before = placed[-1].lane if placed else step.lane
        move = before + step.lane if before != step.lane else ""
        placed.append(
            Step(
                *(step.lane, step.title, step.values, step.text, step.tone),
                *(at if step.row else "", step.row, gap, move),
            )
        )
    return placed


def why(found: Document) -> Why | None:
    """Return why a payment was not approved, or None where there is nothing to explain."""
    state, acquirer = found["state"], found["acquirer"]
    values = {"acquirer": acquirer or "—"}
    code = found["acquirer_side"]["response_code"] or found["response_code"]
    match state:
        case "declined" | "refused":
            reason = reason_of(code)
            words = (reason.en, reason.zh)
            title = _W_ACQUIRER if state == "declined" else _W_SWITCH
            text = _W_RETRY if reason.retry else _W_FINAL if state == "declined" else ""
            return Why(title, values, text, "bad", code, CATEGORIES[reason.category], words)
        case "unknown" | "reversing":
            return Why(_W_UNKNOWN, values, _W_UNDONE, "warn", found["response_code"])
        case "failed":
            return Why(_W_FAILED, values, "", "bad", found["response_code"])
        case "reversed":
            return Why(_W_REVERSED, values, "", "back")
        case _:
            return None


def _from_journal(found: Document) -> Iterator[tuple[str, Step]]:
    values = {
        "acquirer": found["acquirer"] or "—",
        "terminal": found["terminal"],
        "stan": found["acquirer_side"]["stan"] or "—",
        "rrn": found["rrn"] or "—",
        "kind": found["kind"],
        "method": found["method"],
        "clock": _clock(found["local_time"]),
    }
    for event in found["timeline"]:
        at, facts = event["at"], event["facts"]
        row = f"{event['writer']}/{event['sequence']}"
        code = str(facts.get("response_code") or facts.get("code") or "—")
        told = {**values, "code": code, "host": str(facts.get("host_code") or code)}
        if event["kind"] not in _KNOWN:
            told["kind"] = event["kind"]
        for lane, title, text, tone in _told(event["kind"], facts):
            yield at, Step(lane, title, told, text, tone, row=row if lane == SWITCH else "")
            row = "" if lane == SWITCH else row  # a row is told once


_KNOWN = frozenset({"intent", "outcome", "outcome-untold"})


def _told(kind: str, facts: Document) -> Sequence[tuple[str, str, str, str]]:
    """Return what one journal row tells: track, title, text and tone of each step."""
    state = facts.get("state", "")
    match kind:
        case "intent" if state == "refused":
            return (
                (TERMINAL, _ASKED, _T_ASKED, ""),
                (SWITCH, _REFUSED, "", "bad"),
                (TERMINAL, _TOLD, "", "bad"),
            )
        case "intent":
            return (
                (TERMINAL, _ASKED, _T_ASKED, ""),
                (SWITCH, _WRITTEN, "", ""),
                (ACQUIRER, _SENT, _T_SENT, ""),
            )
        case "outcome" | "outcome-untold":
            tone = {"approved": "", "declined": "bad", "failed": "bad"}.get(state, "warn")
            title = {"unknown": _SILENT, "failed": _UNSENT}.get(state, _ANSWERS)
            text = _T_UNKNOWN if state == "unknown" else ""
            last = (TERMINAL, _TOLD, "", tone)
            if kind == "outcome-untold":
                last = (SWITCH, _UNTOLD, _T_BEFORE, "warn")
            return ((SWITCH, title, text, tone), last)
        case "reversal-arrived":
            return ((SWITCH, _ARRIVED, "", "back"),)
        case "owed-done":
            return ((SWITCH, _CONFIRMED, "", "back"),)
        case "owed-answered":
            return ((SWITCH, _ACCEPTED, "", "back"),)
        case "owed-parked":
            return ((SWITCH, _PARKED, _T_PARKED, "bad"),)
        case "late-answer":
            return ((SWITCH, _LATE, _T_LATE, "warn"),)
        case "claimed":
            return ((SWITCH, _CLAIMED, "", "warn"),)
        case _ if kind.startswith("parked-"):
            return ((SWITCH, _DECIDED, "", ""),)
        case _:
            return ((SWITCH, _OTHER, "", ""),)


def _from_owed(found: Document) -> Iterator[tuple[str, Step]]:
    for one in found["owed"]:
        values = {"acquirer": found["acquirer"] or "—", "what": one["kind"]}
        yield one["since"], Step(SWITCH, _OWED, values, tone="back")


def _clock(text: str) -> str:
    return f"{text[:2]}:{text[2:4]}:{text[4:]}" if len(text) == 6 else "—"  # noqa: PLR2004  # field 12


def _ms_between(first: str, second: str) -> int:
    gap = datetime.fromisoformat(second) - datetime.fromisoformat(first)
    return round(gap.total_seconds() * 1000)
