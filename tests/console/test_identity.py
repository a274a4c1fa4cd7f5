"""The identity line of a day: parts of each currency make its net, and what does not is told."""

from datetime import date

from pointsman.console import days, identity

DAY = date(2026, 11, 20)
SUMS = [
    ("m1", "Tea", "156", "payment", "sale", 2, 3000),
    ("m1", "Tea", "156", "payment", "completion", 1, 500),
    ("m1", "Tea", "156", "payment", "void", 1, -400),
    ("m1", "Tea", "156", "payment", "completion-cancel", 1, -100),
    ("m2", "Inn", "156", "payment", "wallet-refund", 1, -250),
    ("m2", "Inn", "156", "undo", "sale", 1, -100),
    ("m2", "Inn", "840", "payment", "sale", 1, 700),
]


def test_the_parts_of_each_currency_make_its_net() -> None:
    day = days.detail((DAY, "closed"), SUMS, [])
    cny, usd = identity.lines(day)
    sums = {part.words: part.sum["amount"] for part in cny.parts if part.sum}
    assert sums == {"Sales": 3500, "Voids": 500, "Refunds": 250, "Reversals": 100}
    assert cny.net["amount"] == 3500 - 500 - 250 - 100
    assert cny.adds_up
    assert (usd.currency, usd.net["amount"], usd.adds_up) == ("USD", 700, True)
    later = [part.words for part in cny.parts if part.sum is None]
    assert later == ["Opening", "Fees", "Disputes", "Reserve", "Payout", "Closing"]


def test_what_does_not_add_up_is_told_by_how_much() -> None:
    day = days.detail((DAY, "closed"), SUMS, [])
    day["net"][0]["amount"] += 1
    line = next(identity.lines(day))
    assert not line.adds_up
    assert line.difference["text"] == "0.01"


def test_a_day_that_posted_nothing_has_no_line() -> None:
    assert list(identity.lines(days.detail((DAY, "open"), [], []))) == []
