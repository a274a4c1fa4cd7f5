"""What runs and what needs a person: the links of acquirers, and everything that waits.

Functions of the public API, used by the overview and the page of links. Each tells only what the
caller's rights reach. What a payment is, is in reading.py; the metrics are fetched by lamps.py.
"""

from dataclasses import dataclass, replace
from typing import Final

from pointsman.console.applying import Applying
from pointsman.console.approving import Approving
from pointsman.console.gate import Ask
from pointsman.console.lamps import Lamps
from pointsman.console.linklook import Line, Link
from pointsman.console.parking import Parking
from pointsman.console.payments import Document
from pointsman.console.query import LIMIT_MAX
from pointsman.console.reading import Reading
from pointsman.console.rights import Resource, Verb, reach
from pointsman.console.scoping import narrowed

COUNTED_MAX: Final = 100
"""More of one kind than this are told as this many and more."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Puts together what others tell."""

    reading: Reading
    parking: Parking
    approving: Approving
    applying: Applying
    lamps: Lamps | None

    async def links(self, ask: Ask) -> Document:
        """Tell acquirers within reach with their links; `lamps` says why none can be seen."""
        everyone = {"limit": str(LIMIT_MAX)}
        listed = await self.reading.acquirers(replace(ask, parameters=everyone))
        found: Document = {"data": listed["data"], "as_of": listed["as_of"]}
        if self.lamps is None:
            return {**found, "lamps": "off"}
        look = await self.lamps.look()
        for one in found["data"]:
            one["links"] = [
                _link(link, self.lamps.echo_s)
                for link in look.links
                if link.acquirer == one["name"]
            ]
            one["traffic"] = next((_line(x) for x in look.lines if x.acquirer == one["name"]), None)
        state = "off" if not look.expected else "silent" if not look.pages else "seen"
        return {**found, "lamps": state, "workers": {"seen": look.pages, "of": look.expected}}

    async def attention(self, ask: Ask) -> Document:
        """Tell what waits for a person who has the caller's rights, the gravest first."""
        found: list[Document] = []
        if (inner := within(ask, Resource.LINKS)) is not None:
            found += _cut_off(await self.links(inner))
        if (inner := within(ask, Resource.TRANSACTIONS)) is not None:
            found += _waiting(await self.parking.all(_many(inner)))
        if (inner := within(ask, Resource.REFUNDS, Verb.AUTHORISE)) is not None:
            theirs = await self.approving.theirs(_many(inner, state="open"))
            found += _counted("approvals", "warn", theirs, "/approvals")
        inner = within(ask, Resource.MERCHANTS, Verb.AUTHORISE)
        if inner is not None and inner.reach.mids is None:
            listed = await self.applying.all(_many(inner, state="submitted"))
            found += _counted("applications", "info", len(listed["data"]), "/applications")
        if (inner := within(ask, Resource.TERMINALS)) is not None:
            wanted = replace(inner, parameters={"state": "offline"})
            silent = await self.reading.terminals_count(wanted)
            found += _counted("terminals_offline", "info", silent, "/terminals?state=offline")
        return {"data": sorted(found, key=lambda one: _GRAVITY.index(one["gravity"]))}


_GRAVITY = ("bad", "warn", "info")


def within(ask: Ask, resource: Resource, verb: Verb = Verb.VIEW) -> Ask | None:
    """Return the request as far as another right reaches within its scope; None without it."""
    found = reach(ask.caller.grants, resource, verb)
    if found is not None and ask.scope is not None:
        found = narrowed(found, ask.scope)
    return None if found is None else replace(ask, reach=found, parameters={})


def _many(ask: Ask, **given: str) -> Ask:
    return replace(ask, parameters={**given, "limit": str(COUNTED_MAX)})


def _link(link: Link, echo_s: float) -> Document:
    return {
        "name": link.name,
        "state": link.state(echo_s),
        "connected": link.connected,
        "signed_on": link.signed_on,
        "silent_s": None if link.silent_s is None else int(link.silent_s),
        "connects": link.connects,
        "messages": link.messages,
        "unmatched": link.unmatched,
        "echo_failures": link.echo_failures,
        "echo_ms": link.echo_ms,
    }


def _line(line: Line) -> Document:
    return {"in_flight": line.in_flight, "answered": line.answered, "mean_ms": line.mean_ms}


def _cut_off(links: Document) -> list[Document]:
    return [
        {
            "kind": f"link_{link['state']}",
            "gravity": "bad",
            "count": 1,
            "path": "/links",
            "object": link["name"],
        }
        for one in links["data"]
        for link in one.get("links", ())
        if link["state"] != "answering"
    ]


def _waiting(exceptions: Document) -> list[Document]:
    found = []
    for kind, gravity, states in _WAITING:
        count = sum(one["state"] in states.split(",") for one in exceptions["data"])
        found += _counted(kind, gravity, count, f"/exceptions?state={states}")
    return found


_WAITING = (
    ("parked", "bad", "parked"),
    ("owed", "warn", "waiting,due,sent"),
    ("differences", "warn", "open"),
)


def _counted(kind: str, gravity: str, count: int, path: str) -> list[Document]:
    if not count:
        return []
    return [{"kind": kind, "gravity": gravity, "count": count, "path": path, "object": ""}]
