"""Lists of what goes on beside payments as tables: reconciliations with acquirers, and jobs.

A core: texts and values alone, like console_listings.py and office_listings.py.
"""

from collections.abc import Mapping
from typing import Final

from pointsman.store.listing import Field, Kind, Listing

_TEXT, _MOMENT, _DATE, _ID = Kind.TEXT, Kind.MOMENT, Kind.DATE, Kind.ID


def _words(sql: str, *words: str) -> Field:
    return Field(Kind.CHOICE, choices={word: f"{sql} = '{word}'" for word in words})


RECONCILIATIONS: Final = Listing(
    columns=(
        "r.acquirer, r.settlement_date, r.currency, r.state, r.totals, r.theirs, r.attempts,"
        " r.code, r.due_at, r.answered_at"
    ),
    source="reconciliations r",
    key=(("r.settlement_date", _DATE), ("r.acquirer", _TEXT), ("r.currency", _TEXT)),
    usual="-settlement_date",
    visible="false",  # the platform's business
    born="r.settlement_date",
    born_kind=_DATE,
    fields={
        "settlement_date": Field(_DATE, "r.settlement_date", order="r.settlement_date"),
        "acquirer": Field(_TEXT, "r.acquirer"),
        "state": _words("r.state", "due", "sent", "balanced", "differs", "refused"),
    },
)
BLACKLIST: Final = Listing(
    columns="c.id, c.masked, c.code, c.noted_at",
    source="listed_cards c",
    key=(("c.id", _ID),),
    usual="-since",
    visible="false",
    born="c.noted_at",
    fields={
        "id": Field(_ID, "c.id", prefix="crd"),
        "since": Field(_MOMENT, "c.noted_at", order="c.noted_at"),
        "card": Field(_TEXT, "c.masked", starts=True, order="c.masked"),
        "code": _words("c.code", "41", "43", "04"),
    },
)
JOBS: Final = Listing(
    columns="r.id, r.report, r.state, r.made_by, r.made_at",
    source="report_runs r",
    key=(("r.id", _ID),),
    usual="-created",
    visible="r.mids <@ %(mids)s::text[]",
    born="r.made_at",
    fields={
        "created": Field(_MOMENT, "r.made_at", order="r.id", order_kind=_ID),
        "made_by": Field(_TEXT, "r.made_by"),
        "state": Field(
            Kind.CHOICE,
            choices={
                "queued": "r.state = 'waiting'",
                "running": "r.state = 'running'",
                "failed": "r.state = 'failed'",
                "done": "r.state = 'done'",
            },
        ),
    },
)
WORK_LISTINGS: Mapping[str, Listing] = {
    "reconciliations": RECONCILIATIONS,
    "jobs": JOBS,
    "blacklist": BLACKLIST,
}
"""The lists of work."""
