"""Parties as told: a terminal's state comes from the age of what it did last."""

from datetime import UTC, datetime, timedelta

import pytest

from pointsman.console import parties
from pointsman.console.payments import money

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HEAD = ("m", "Tea", "00000001")
MIDDLE = ("cup-bcd", "tpdu-header", "x9.19", "A1B2C3", True, "000001")


def state(*, active: bool, sign_in: datetime | None, paid: datetime | None) -> str:
    row = (*HEAD, active, *MIDDLE, sign_in, None, None, None)
    return str(parties.terminal(row, paid, NOW)["state"])


@pytest.mark.parametrize(
    ("age_s", "word"),
    [(0, "online"), (299, "online"), (300, "idle"), (899, "idle"), (900, "offline")],
)
def test_a_terminal_is_what_its_silence_says(age_s: int, word: str) -> None:
    seen = NOW - timedelta(seconds=age_s)
    long_ago = NOW - timedelta(days=2)
    assert state(active=True, sign_in=seen, paid=None) == word
    assert state(active=True, sign_in=long_ago, paid=seen) == word
    assert state(active=False, sign_in=seen, paid=seen) == "suspended"


def test_a_terminal_that_was_never_seen_waits_in_the_inventory() -> None:
    assert state(active=True, sign_in=None, paid=None) == "inventory"


def test_a_link_that_no_worker_holds_is_free() -> None:
    assert parties.link(("alpha", 0, None, None, 3))["state"] == "free"
    held = parties.link(("alpha", 1, "here", 1, 0))
    assert (held["id"], held["state"]) == ("alpha/1", "held")


def test_a_page_of_batches_adds_up_by_currency() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    side = {"debit_count": 2, "debit_minor": 500, "credit_count": 1, "credit_minor": 80}
    none = dict.fromkeys(side, 0)
    head = ("m", "Tea", "00000001", "000001", "open", at, None, None, None, None, None)
    rows = [
        (*head, code, None, {"domestic": side, "foreign": none}) for code in ("156", "156", "392")
    ]
    page = parties.batches(
        {"data": [parties.batch(row) for row in (*rows, (*head, None, None, None))]}
    )
    assert [one["currency"] for one in page["totals"]] == ["CNY", "JPY"]
    chinese = page["totals"][0]
    assert chinese["debits"] == {"count": 4, "sum": money(1000, "156")}
    assert chinese["credits"]["count"] == 2
    assert chinese["net"]["amount"] == 840
    assert page["data"][3]["net"] is None
