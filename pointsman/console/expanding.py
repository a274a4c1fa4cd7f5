"""Which members of a document are told (`fields`), and what is told besides (`expand`).

A shell over reading.py and refunding.py: what is expanded needs the right of its own resource, and
is null where the caller may not see it. Which words there are is said in row.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pointsman.console.gate import Ask
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.query import invalid
from pointsman.console.reading import Reading
from pointsman.console.rights import Resource, Verb, reach
from pointsman.console.row import EXPANSIONS

_RESOURCES = {
    "merchant": Resource.MERCHANTS,
    "original": Resource.TRANSACTIONS,
    "payment": Resource.TRANSACTIONS,
}


def chosen(text: str, known: frozenset[str]) -> frozenset[str] | None:
    """Return the wanted members, None for all of them; raises Problem for one that is none."""
    if not text:
        return None
    wanted = frozenset(text.split(","))
    unknown = sorted(wanted - known)
    if unknown:
        detail = f"of {', '.join(sorted(known))} expected"
        raise Problem(
            Code.UNKNOWN_PARAMETER,
            f"fields: {detail}",
            faults=(Fault("fields", Code.UNKNOWN_PARAMETER, detail),),
        )
    return wanted


def expansions(name: str, text: str) -> tuple[str, ...]:
    """Return what is to be told besides; raises Problem for a word that is none."""
    wanted = tuple(dict.fromkeys(text.split(","))) if text else ()
    if set(wanted) - set(EXPANSIONS.get(name, ())):
        raise invalid("expand", f"of {', '.join(EXPANSIONS.get(name, ()))} expected")
    return wanted


async def expanded(reading: Reading, ask: Ask, found: Document, wanted: tuple[str, ...]) -> None:
    """Put `expanded` into each row of a page, or into the one document."""
    rows = found["data"] if "page" in found else [found]
    known: dict[tuple[str, str], Document | None] = {}
    for row in rows:
        told: Document = {}
        for word in wanted:
            name = _named(row, word)
            if (word, name) not in known:
                known[word, name] = await _one(reading, ask, word, name) if name else None
            told[word] = known[word, name]
        row["expanded"] = told


def reduced(found: Document, wanted: frozenset[str] | None) -> Document:
    """Return the document, or the page, with the wanted members alone; `expanded` stays."""
    if wanted is None:
        return found
    if "page" in found and "data" in found:
        return {**found, "data": [_part(row, wanted) for row in found["data"]]}
    return _part(found, wanted)


def _part(row: Mapping[str, Any], wanted: frozenset[str]) -> Document:
    return {name: row[name] for name in row if name in wanted or name == "expanded"}


def _named(row: Mapping[str, Any], word: str) -> str:
    """Return what the row says of the one that is to be told: an id, a MID, or nothing."""
    if word == "merchant":
        inner = row.get("merchant")
        return str(inner["mid"] if isinstance(inner, dict) else row["mid"])
    return str(row.get(word) or "")


async def _one(reading: Reading, ask: Ask, word: str, name: str) -> Document | None:
    held = reach(ask.caller.grants, _RESOURCES[word], Verb.VIEW)
    if held is None:
        return None
    inner = replace(ask, reach=held, parameters={})
    try:
        if word == "merchant":
            return await reading.merchant_alone(inner, name)
        return await reading.payment_line(inner, name)
    except Problem:
        return None
