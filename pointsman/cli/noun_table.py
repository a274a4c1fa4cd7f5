"""What can be listed by hand, as a table: the API's own functions and the columns people see.

Plain values and calls of the console's reading functions; the commands are nouns.py, what the site
holds site_nouns.py.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pointsman.console.gate import Ask
from pointsman.console.office import Office
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.reconciled import Reconciled


@dataclass(frozen=True, slots=True)
class Noun:
    """What can be listed, with the columns a person sees; ids are as the API writes them."""

    path: str
    columns: tuple[str, ...]
    listed: Callable[[Office, Ask], Awaitable[Document]]
    shown: Callable[[Office, Ask, str], Awaitable[Document]] | None = None
    id_is: str = ""


async def _roles(office: Office, _: Ask) -> Document:
    return await office.reading.roles()


async def _role(office: Office, _: Ask, name: str) -> Document:
    for found in (await office.reading.roles())["data"]:
        if found["role"] == name:
            return dict(found)
    raise Problem(Code.NOT_FOUND, "There is no such role.")


async def _recon(office: Office, ask: Ask, place: str) -> Document:
    acquirer, _, rest = place.partition("/")
    day, _, code = rest.partition("/")
    return await Reconciled(office.lists).reconciliation(ask, acquirer, day, code)


async def _terminal(office: Office, ask: Ask, place: str) -> Document:
    mid, slash, tid = place.partition("/")
    if not slash:
        raise Problem(Code.VALIDATION_FAILED, "terminal: MID/TID is wanted")
    return await office.reading.terminal(ask, mid, tid)


BLACKLIST = Noun(
    "/v1/blacklist",
    ("card", "code", "since", "id"),
    lambda office, ask: office.blacklisting.all(ask),
)
NOUNS = {
    "merchant": Noun(
        "/v1/merchants",
        ("mid", "name", "state"),
        lambda office, ask: office.reading.merchants(ask),
        lambda office, ask, mid: office.reading.merchant(ask, mid),
        "MID",
    ),
    "terminal": Noun(
        "/v1/terminals",
        ("mid", "tid", "state", "last_payment"),
        lambda office, ask: office.reading.terminals(ask),
        _terminal,
        "MID/TID",
    ),
    "acquirer": Noun(
        "/v1/acquirers", ("name", "state"), lambda office, ask: office.reading.acquirers(ask)
    ),
    "transaction": Noun(
        "/v1/payments",
        (
            "id",
            "created",
            "merchant.mid",
            "terminal",
            "kind",
            "state",
            "amount.text",
            "amount.currency",
            "rrn",
        ),
        lambda office, ask: office.reading.payments(ask),
        lambda office, ask, payment: office.reading.payment(ask, payment),
        "ID",
    ),
    "batch": Noun(
        "/v1/batches",
        ("mid", "terminal", "batch", "state", "result"),
        lambda office, ask: office.reading.batches(ask),
    ),
    "day": Noun(
        "/v1/settlement_cycles",
        ("business_date", "state", "postings", "open_items", "files"),
        lambda office, ask: office.reading.cycles(ask),
        lambda office, ask, date: office.reading.cycle(ask, date),
        "YYYY-MM-DD",
    ),
    "outlet": Noun(
        "/v1/outlets",
        ("id", "mid", "name", "city", "state", "terminals"),
        lambda office, ask: office.places.outlets(ask),
        lambda office, ask, outlet: office.places.outlet(ask, outlet),
        "ID",
    ),
    "link": Noun(
        "/v1/links",
        ("acquirer", "session", "state", "owed"),
        lambda office, ask: office.reading.links(ask),
    ),
    "refund": Noun(
        "/v1/refunds",
        ("id", "created", "mid", "state", "amount.text", "amount.currency", "rrn"),
        lambda office, ask: office.refunding.all(ask),
        lambda office, ask, refund: office.refunding.one(ask, refund),
        "ID",
    ),
    "approval": Noun(
        "/v1/approvals",
        ("id", "asked", "kind", "state", "asked_by", "object"),
        lambda office, ask: office.approving.all(ask),
        lambda office, ask, approval: office.approving.one(ask, approval),
        "ID",
    ),
    "recon": Noun(
        "/v1/reconciliations",
        ("acquirer", "settlement_date", "currency", "state", "ours.net.text"),
        lambda office, ask: Reconciled(office.lists).reconciliations(ask),
        _recon,
        "ACQUIRER/YYYY-MM-DD/CNY",
    ),
    "apikey": Noun(
        "/v1/api_keys",
        ("id", "hint", "name", "grant.role", "grant.mid", "state", "expires"),
        lambda office, ask: office.reading.keys(ask),
    ),
    "role": Noun("/v1/roles", ("role", "scopes", "rights"), _roles, _role, "ROLE"),
}
