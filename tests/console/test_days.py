"""Business days as told: parts add up, currencies stay apart, a rate of nothing is none."""

from datetime import date

from pointsman.console import days

DAY = date(2026, 11, 20)


def test_counts_over_all_merchants_are_for_those_who_see_them() -> None:
    row = (DAY, "closed", 5, 1, 2)
    assert days.line(row, whole=False) == {"business_date": "2026-11-20", "state": "closed"}
    assert days.line(row, whole=True)["postings"] == 5


def test_a_merchants_parts_add_up_and_currencies_stay_apart() -> None:
    sums = [
        ("m1", "Tea", "156", "payment", "sale", 3, 3000),
        ("m1", "Tea", "156", "payment", "refund", 1, -500),
        ("m1", "Tea", "840", "payment", "sale", 1, 700),
        ("m2", None, "156", "undo", "sale", 1, -100),
    ]
    found = days.detail((DAY, "closing"), sums, [])
    nets = {(one["mid"], one["currency"]): one["net"]["amount"] for one in found["merchants"]}
    assert nets == {("m1", "CNY"): 2500, ("m1", "USD"): 700, ("m2", "CNY"): -100}
    for one in found["merchants"]:
        assert sum(part["sum"]["amount"] for part in one["parts"]) == one["net"]["amount"]
    assert {one["currency"]: one["amount"] for one in found["net"]} == {"CNY": 2400, "USD": 700}
    assert found["provisional"]
    assert (found["fees"], found["missing"]) == (None, days.NOT_BUILT)


def test_a_rate_of_nothing_is_none_and_not_naught() -> None:
    assert days.overview([])["attempts"]["approval_bp"] is None
    row = ("alpha", "declined", "156", "debit", False, 2, 0)
    assert days.overview([row])["attempts"]["approval_bp"] == 0


def test_what_was_reversed_is_no_unknown_outcome_but_had_no_answer() -> None:
    rows = [
        ("alpha", "approved", "156", "debit", False, 2, 500),
        ("alpha", "unknown", "156", "debit", True, 1, 0),
        ("alpha", "reversed", "156", "debit", True, 1, 0),
    ]
    found = days.overview(rows)["attempts"]
    assert found["counts"]["unknown"] == 1
    assert found["answer_bp"] == 5_000
