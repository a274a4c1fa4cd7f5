"""What the key screens must show: each item stands on its page, in both languages.

The items are those that the sheet of the console names for S10, S12, S13, S15, S21, S30, S51 and
S82, one row each. What a room that is not built will tell is a dash, and its page says why.
"""

import re
from dataclasses import dataclass

import pytest

from pointsman.console.rights import Role
from pointsman.console.words import Words
from tests.console.browser import Browser, furnished, person
from tests.console.test_parking import one_parked
from tests.store.house import MID, transaction, worker

COLUMN = r"<th[^>]*>(?:<a[^>]*>)?{}"
FACT = r"<dt>{}</dt>"
FIGURE = r'class="k">{}'
HEADING = r"<h2>{}"
FEES = "fees and payouts are not part of this version"
RISK = "Risk rules and disputes are not part of this version."
UNTOLD = "no terminal tells it"


@dataclass(frozen=True)
class Item:
    """One thing to be shown: on which screen, how it stands there, and why it has no value."""

    screen: str
    words: str
    how: str
    later: str = ""


def items(screen: str, how: str, *words: str, later: str = "") -> tuple[Item, ...]:
    return tuple(Item(screen, one, how, later) for one in words)


ITEMS = (
    *items("S10 OP", HEADING, "Needs you", "Attempts by acquirer"),
    *items("S10 OP", COLUMN, "This hour", "Same hour last week", "Approval rate"),
    *items("S10 OP", FIGURE, "Unknown outcomes", "Owed to acquirers", "Open batches"),
    *items("S10 OP", FIGURE, "Open settlement days"),
    *items("S10 MO", FIGURE, "Gross today", "Net today", "Average ticket", "Voids and refunds"),
    *items("S10 MO", FIGURE, "Silent devices"),
    *items("S10 MO", FIGURE, "Next payout", later="not part of this version"),
    *items("S12", COLUMN, "Time", "Business date", "Id", "RRN", "STAN", "Approval code"),
    *items("S12", COLUMN, "Terminal", "Outlet", "Method", "Entry", "Brand", "Card", "Amount"),
    *items("S12", COLUMN, "State", "Answer", "Acquirer", "Batch", "Settlement"),
    *items("S12", COLUMN, "Fee", "Net", later=FEES),
    *items("S13", HEADING, "Money", "Route of this payment", "Messages", "Facts"),
    *items("S13", FACT, "Batch", "Settlement", "Receipt", "Audit trail", "Limits and lists"),
    *items("S13", FACT, "Risk result", "Dispute", later=RISK),
    *items("S13", FACT, "Ledger rows", later="only what a closed day counted has rows"),
    *items("S13", FACT, "Fee", later=FEES),
    *items("S13", COLUMN, "Difference"),
    *items("S15", COLUMN, "What", "Age", "What was done", "What to do"),
    *items("S21", HEADING, "Facts", "Terminals", "Outlets", "People", "Fees and payouts"),
    *items("S21", FACT, "Next payout", "Fee plan", later=FEES),
    *items("S30", COLUMN, "Serial number of the device", "Terminal", "Merchant", "Outlet"),
    *items("S30", COLUMN, "State", "Last message", "Last payment"),
    *items("S30", COLUMN, "Model", "Firmware", "Key due", later=UNTOLD),
    *items("S82", COLUMN, "Time", "Actor", "Act", "Object", "Before", "After", "Reason"),
    *items("S82", COLUMN, "Address", "Request", "Result"),
)


async def pages(database: str) -> tuple[dict[str, Browser], dict[str, str]]:
    """Return by whom and where each screen is looked at."""
    office = await furnished(database)
    await one_parked(database)
    async with worker(database) as house:
        await house.approve(transaction(7, amount=123_450))
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await owner.get("/v1/acquirers")).status == 403  # a row of the trail
    payment = (await admin.get("/v1/payments?state=approved")).json["data"][0]["id"]
    paths = {
        "S10 OP": "/",
        "S10 MO": "/",
        "S12": "/payments",
        "S13": f"/payments/{payment}",
        "S15": "/exceptions",
        "S21": f"/merchants/{MID}",
        "S30": "/terminals",
        "S82": "/audit",
    }
    return {"S10 MO": owner, "": admin}, paths


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_item_of_the_key_screens_is_shown(database: str, language: str) -> None:
    who, paths = await pages(database)
    said = Words(language)
    texts = {}
    for screen, path in paths.items():
        browser = who.get(screen, who[""])
        browser.cookies["pointsman_language"] = language
        texts[screen] = (await browser.get(path)).text
    missing = []
    for one in ITEMS:
        words = one.words if one.words in {"RRN", "STAN"} else said(one.words)
        found = re.search(one.how.format(re.escape(words)), texts[one.screen])
        reason = not one.later or said(one.later) in texts[one.screen]
        if not (found and reason):
            missing.append((one.screen, one.words))
    assert missing == []


def test_every_screen_of_the_table_has_items() -> None:
    assert len(ITEMS) > 70
    assert len(set(ITEMS)) == len(ITEMS)
