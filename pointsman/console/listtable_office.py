"""The lists of the office's own pages as a table: people, keys, decisions, its trail, its links.

A core: values alone, like listtable.py, which has the other lists and puts all of them together.
"""

from collections.abc import Mapping

from pointsman.console.listlooks import Column, Filter, ListLook

MID = Filter("mid", "MID", 15)
STATE = Filter("state", "State")
OFFICE_LOOKS: Mapping[str, ListLook] = {
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
            STATE,
        ),
        pick="id",
        birth="created",
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
        (Filter("name[prefix]", "Name begins with"), STATE, MID),
        never=("No keys so far", "A machine asks the API with a key: make one here."),
        birth="created",
        sub="A key holds nothing that its maker does not hold.",
        pick="id",
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
        (STATE, Filter("kind", "What"), MID),
        never=(
            "Nothing waits for a decision",
            "Refunds over the limit and high roles are listed here until a second person decides.",
        ),
        birth="asked",
        sub="What one person asks, another decides. Each needs a fresh code.",
        pick="id",
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
        (STATE, Filter("name[prefix]", "Name begins with"), Filter("city", "City", 10)),
        never=("Nobody has applied so far", "Merchants apply by the link on the sign-in page."),
        birth="made",
        sub="Merchants that want to join. Taking one adds it and makes its first person's link.",
        pick="id",
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
            Column("Merchant", more=True),
            Column("Before", more=True),
            Column("After", more=True),
        ),
        (
            Filter("actor", "Actor"),
            Filter("act[prefix]", "Act begins with"),
            Filter("object_id", "Object", 16),
            Filter("result", "Result"),
            MID,
        ),
        pick="sequence",
        birth="sequence",
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
        birth="made",
        pick="id",
    ),
    "blacklist": ListLook(
        "blacklist",
        "Refused cards",
        (
            Column("Card", "card"),
            Column("Answer"),
            Column("Since", "since"),
            Column("Act"),
        ),
        (Filter("card[prefix]", "Card begins with", 8), Filter("code", "Answer")),
        pick="id",
        birth="since",
        sub="Refused whatever their issuer says. Two people accept one again.",
        never=("No card is refused", "A card is refused by one of its payments."),
    ),
    "outbox": ListLook(
        "outbox",
        "Links that were made",
        (
            Column("State"),
            Column("Kind"),
            Column("User name"),
            Column("Merchant"),
            Column("Asked by"),
            Column("Asked", "made"),
            Column("Mail"),
            Column("Act"),
        ),
        (
            Filter("recipient[prefix]", "User name begins with"),
            STATE,
            Filter("kind", "Kind"),
            Filter("mail", "Mail"),
            MID,
        ),
        pick="id",
        birth="made",
        sub="Mailed where the settings name a mail server and the user name is an address.",
    ),
}
"""The lists of the office."""
