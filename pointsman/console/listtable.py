"""The lists of the pages as one table: the columns of each, what sorts them, and its filters.

A core: values alone. What they mean is in listlooks.py, what cells hold in each list's template.
"""

from collections.abc import Mapping

from pointsman.console.listlooks import Column, Filter, ListLook
from pointsman.console.listtable_office import MID as _MID
from pointsman.console.listtable_office import OFFICE_LOOKS
from pointsman.console.listtable_office import STATE as _STATE

_LOOKS: Mapping[str, ListLook] = {
    "payments": ListLook(
        "payments",
        "Transactions",
        (
            Column("Time", "created"),
            Column("State"),
            Column("Kind"),
            Column("Amount", "amount", num=True, bounded=True),
            Column("Card"),
            Column("Merchant"),
            Column("Terminal", low=True),
            Column("Acquirer"),
            Column("RRN"),
            Column("Answer"),
        ),
        (
            _STATE,
            Filter("business_date", "Business date"),
            Filter("response_code", "Answer", 2),
        ),
        pick="id",
        never=("No payments so far", "Payments appear here as soon as a terminal sends one."),
        birth="created",
    ),
    "merchants": ListLook(
        "merchants",
        "Merchants",
        (
            Column("Merchant", "name"),
            Column("State"),
            Column("Category"),
            Column("City", "city"),
            Column("Currency"),
            Column("Terminals in use", num=True),
            Column("Routes"),
        ),
        (
            Filter("name[prefix]", "Name begins with"),
            _STATE,
            Filter("city", "City", 10),
            Filter("mcc", "Category", 4),
        ),
        pick="mid",
        never=("No merchants so far", "Add one, or take one that applied."),
        birth="created",
    ),
    "terminals": ListLook(
        "terminals",
        "Terminals",
        (
            Column("State"),
            Column("Terminal", "tid"),
            Column("Merchant", "mid"),
            Column("Batch"),
            Column("Last sign-in", "last_sign_in"),
            Column("Last payment"),
            Column("Key check value"),
            Column("Act"),
        ),
        (
            Filter("tid[prefix]", "Terminal begins with", 8),
            _STATE,
            Filter("serial[prefix]", "Serial number begins with", 10),
            _MID,
        ),
        never=("No terminals so far", "A terminal is added on the page of its merchant."),
        birth="created",
        sub="state comes from the age of the last message: idle after 5 min, offline after 15 min",
    ),
    "batches": ListLook(
        "batches",
        "Batches",
        (
            Column("State"),
            Column("Merchant", "mid"),
            Column("Terminal"),
            Column("Batch"),
            Column("Opened", "opened"),
            Column("Closed", "closed"),
            Column("Result"),
            Column("Payments counted", num=True),
            Column("Refunded", num=True, low=True),
            Column("Net", num=True),
            Column("Business date"),
        ),
        (
            _STATE,
            _MID,
            Filter("tid", "Terminal", 8),
            Filter("business_date", "Business date"),
        ),
        never=("No batches so far", "A terminal opens one by its first sign-in."),
        birth="opened",
    ),
    "settlement": ListLook(
        "settlement_cycles",
        "Settlement",
        (
            Column("Business date", "business_date"),
            Column("State"),
            Column("Postings", num=True),
            Column("Open items", num=True),
            Column("Files", num=True),
        ),
        (
            _STATE,
            Filter("business_date[gte]", "From"),
            Filter("business_date[lte]", "To"),
        ),
        pick="business_date",
        birth="business_date",
    ),
    "reconciliations": ListLook(
        "reconciliations",
        "Reconciliation",
        (
            Column("Settlement date", "settlement_date"),
            Column("State"),
            Column("Acquirer"),
            Column("Our debits", num=True),
            Column("Our voids", num=True),
            Column("Our credits", num=True),
            Column("Our net", num=True),
            Column("Their totals"),
            Column("Answer"),
            Column("Tries", num=True),
            Column("Answered"),
        ),
        (_STATE, Filter("acquirer", "Acquirer")),
        never=(
            "Nothing was reconciled so far",
            "Acquirers that reconcile are asked after each of their dates.",
        ),
        birth="settlement_date",
        sub=(
            "What acquirers and we counted of each settlement date; a difference is kept and"
            " blocks nothing."
        ),
    ),
    "exceptions": ListLook(
        "exceptions",
        "Exceptions",
        (
            Column("State"),
            Column("What"),
            Column("Age", "since", num=True),
            Column("Merchant", "mid"),
            Column("Acquirer"),
            Column("Amount", num=True),
            Column("Expected, found", num=True),
            Column("What was done", "attempts"),
            Column("What to do"),
            Column("STAN", more=True),
            Column("Batch", more=True),
            Column("Since", more=True),
            Column("Act"),
        ),
        (
            _STATE,
            Filter("kind", "What"),
            Filter("acquirer", "Acquirer"),
            _MID,
            Filter("tid", "Terminal", 8),
        ),
        pick="id",
        birth="since",
        sub="What acquirers must still acknowledge, what they refused, and what does not agree.",
        never=("Everything agrees", "Nothing is owed and nothing waits for a decision."),
    ),
    "acquirers": ListLook(
        "acquirers",
        "Acquirers",
        (
            Column("Acquirer", "name"),
            Column("State"),
            Column("Institution"),
            Column("Format"),
            Column("Address"),
            Column("Key check value"),
            Column("At once at most", num=True),
            Column("Owed", "owed", num=True),
            Column("Since"),
        ),
        (
            Filter("name[prefix]", "Name begins with"),
            _STATE,
            Filter("format", "Format", 16),
            Filter("institution", "Institution", 11),
        ),
        pick="name",
        sub="They come with the site file.",
    ),
    "links": ListLook(
        "links",
        "Acquirers and links",
        (
            Column("State"),
            Column("Acquirer", "acquirer"),
            Column("Session", "session", num=True),
            Column("Machine"),
            Column("Worker", num=True),
            Column("Owed", "owed", num=True),
        ),
        (Filter("acquirer", "Acquirer"), _STATE, Filter("session", "Session", 4)),
        sub="Three lamps for each link: connected, signed on, answering",
        never=("No worker holds a session", "Workers take them when the house runs."),
    ),
}
LOOKS: Mapping[str, ListLook] = {**_LOOKS, **OFFICE_LOOKS}
"""The lists, by the name of their page and of their files."""
