"""The lists of the pages as one table: the columns of each, what sorts them, and its filters.

A core: values alone. What they mean is in listlooks.py, what cells hold in each list's template.
"""

from collections.abc import Mapping

from pointsman.console.listlooks import Column, Filter, ListLook

_MID = Filter("mid", "MID", 15)
_STATE = Filter("state", "State")

LOOKS: Mapping[str, ListLook] = {
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
    ),
    "users": ListLook(
        "users",
        "Users",
        (
            Column("Name"),
            Column("User name", "login"),
            Column("State"),
            Column("Role"),
            Column("Last seen", "last_sign_in"),
        ),
        (
            Filter("login[prefix]", "User name begins with"),
            Filter("role", "Role"),
            _STATE,
        ),
        pick="login",
    ),
    "keys": ListLook(
        "api_keys",
        "API keys",
        (
            Column("State"),
            Column("Name of the key"),
            Column("Key"),
            Column("Role"),
            Column("Until", "expires"),
            Column("Act"),
        ),
        (Filter("name[prefix]", "Name begins with"), _STATE, _MID),
        never=("No keys so far", "A machine asks the API with a key: make one here."),
    ),
    "approvals": ListLook(
        "approvals",
        "Approvals",
        (
            Column("State"),
            Column("What"),
            Column("Merchant"),
            Column("Amount", num=True),
            Column("Asked by"),
            Column("Asked", "asked"),
            Column("Decided by"),
            Column("Act"),
        ),
        (_STATE, Filter("kind", "What"), _MID),
        never=(
            "Nothing waits for a decision",
            "Refunds over the limit and high roles are listed here until a second person decides.",
        ),
    ),
    "applications": ListLook(
        "applications",
        "Applications",
        (
            Column("State"),
            Column("Name of the business"),
            Column("Category"),
            Column("City"),
            Column("User name"),
            Column("How we reach you"),
            Column("Asked", "made"),
            Column("Act"),
        ),
        (_STATE, Filter("name[prefix]", "Name begins with"), Filter("city", "City", 10)),
        never=("Nobody has applied so far", "Merchants apply by the link on the sign-in page."),
    ),
    "audit": ListLook(
        "audit_events",
        "Audit trail",
        (
            Column("#", "sequence", num=True),
            Column("Time"),
            Column("Actor"),
            Column("Act"),
            Column("Object"),
            Column("Result"),
            Column("Reason"),
            Column("Address"),
            Column("Request"),
        ),
        (
            Filter("actor", "Actor"),
            Filter("act[prefix]", "Act begins with"),
            Filter("object_id", "Object", 16),
            Filter("result", "Result"),
            _MID,
        ),
        pick="sequence",
    ),
    "report_runs": ListLook(
        "report_runs",
        "Runs",
        (
            Column("Made", "made"),
            Column("Report"),
            Column("Format"),
            Column("State"),
            Column("By whom"),
            Column("File"),
        ),
        (Filter("format", "Format"), Filter("made_by", "By whom")),
        never=(
            "No runs so far",
            "Files of more than 50,000 rows are made as a run and wait here for 15 minutes.",
        ),
    ),
}
"""The lists, by the name of their page and of their files."""
