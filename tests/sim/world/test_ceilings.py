"""Limits and listed cards are judged by what acquirers hold: within, passed, freed, spared."""

from dataclasses import replace

import pytest
from msgspec import structs

from pointsman.sim.book import Book
from pointsman.sim.terminal_rows import Kind
from pointsman.sim.world.ceilings import FREE, Ceilings, Violation, is_counted, judge
from pointsman.sim.world.testimony import JournalRow, View
from tests.sim.world.witnesses import ASKED, BATCH, DONE, KEPT, MID, TID, TOLD

DAY = "2026-11-22"


def judged(ceilings: Ceilings, *rows: JournalRow, card: str = "visa") -> list[Violation]:
    """Judge rows that each were approved with 1,000 at the acquirer, and held by a terminal."""
    book = Book()
    for row in rows:
        book.apply(structs.replace(DONE, key=row.host_key, rrn=row.id))
    views = {row.name: View(structs.replace(ASKED, card=card), TOLD) for row in rows}
    return list(judge(ceilings, rows, {"alpha": book}, views))


def sale(number: int, *, day: str = DAY, tid: str = TID, mid: str = MID) -> JournalRow:
    name = (mid, tid, BATCH, f"{number:06d}")
    return replace(KEPT, id=f"{number}", name=name, host_key=f"key-{number}", day=day)


@pytest.mark.parametrize("scope", ["", "terminal_", "card_"])
def test_a_limit_holds_for_a_day_and_is_passed_by_one_more(scope: str) -> None:
    minor = Ceilings({f"{scope}day_minor_max": 2000})
    count = Ceilings({f"{scope}day_count_max": 2})
    for ceilings in (minor, count):
        assert judged(ceilings, sale(1), sale(2), sale(3, day="2026-11-23")) == []
        assert [promise for promise, _ in judged(ceilings, sale(1), sale(2), sale(3))] == ["P8"]


@pytest.mark.parametrize("scope", ["", "terminal_", "card_"])
def test_a_limit_of_a_month_holds_over_its_days(scope: str) -> None:
    for limits in ({f"{scope}month_minor_max": 2000}, {f"{scope}month_count_max": 2}):
        later = (sale(1), sale(2), sale(3, day="2026-12-01"))
        assert judged(Ceilings(limits), *later) == []
        same = (sale(1), sale(2), sale(3, day="2026-11-30"))
        assert [promise for promise, _ in judged(Ceilings(limits), *same)] == ["P8"]


def test_a_card_pays_at_so_many_merchants_in_a_day() -> None:
    other = "898100053310002"
    limits = Ceilings({"card_day_merchants_max": 1})
    assert judged(limits, sale(1), sale(2), sale(3, mid=other, day="2026-11-23")) == []
    assert [promise for promise, _ in judged(limits, sale(1), sale(2, mid=other))] == ["P8"]


def test_refunds_are_a_share_of_what_was_sold() -> None:
    refund = replace(sale(9), kind="refund")
    half, third = (Ceilings({"refund_percent_max": percent}) for percent in (50, 33))
    assert judged(half, sale(1), sale(2), refund) == []
    assert [promise for promise, _ in judged(third, sale(1), sale(2), refund)] == ["P8"]


def test_terminals_and_cards_have_limits_of_their_own() -> None:
    rows = (sale(1), sale(2, tid="12340001"), sale(3, tid="12340002"))
    assert judged(Ceilings({"terminal_day_count_max": 1}), *rows) == []
    assert judged(Ceilings({"card_day_count_max": 2}), *rows) != []


def test_what_a_void_has_freed_and_the_spared_merchant_do_not_count() -> None:
    void = replace(sale(4), kind="void", original="1")
    limits = Ceilings({"day_minor_max": 1000})
    assert judged(limits, sale(1), sale(2), void) == []
    assert judged(replace(limits, spared=MID), sale(1), sale(2)) == []
    assert judged(FREE, sale(1), sale(2)) == []


def test_refunds_have_an_amount_of_their_own() -> None:
    refunds = [replace(sale(number), kind="refund") for number in (1, 2)]
    assert judged(Ceilings({"refund_day_minor_max": 1999}), *refunds) != []
    assert judged(Ceilings({"refund_month_minor_max": 1999}), *refunds) != []
    assert judged(Ceilings({"day_minor_max": 1}), *refunds) == []


def test_a_listed_card_is_neither_approved_nor_seen_by_an_acquirer() -> None:
    ceilings = Ceilings({}, listed_card="visa")
    found = [what for _, what in judged(ceilings, sale(1))]
    assert found == [
        "a sale of a listed card was approved",
        "a sale of a listed card reached its acquirer",
    ]
    assert judged(ceilings, sale(1), card="jcb") == []


def test_advices_and_what_follows_something_pass_the_list() -> None:
    ceilings = Ceilings({}, listed_card="visa")
    for changes in ({"what": Kind.OFFLINE}, {"what": Kind.VOID, "original_stan": "000009"}):
        view = View(structs.replace(ASKED, card="visa", **changes), TOLD)
        assert list(judge(ceilings, [], {}, {KEPT.name: view})) == []


def test_limits_count_what_is_asked_for_beforehand_and_moves_money() -> None:
    counted = {kind for kind in Kind if is_counted(kind)}
    assert {Kind.SALE, Kind.REFUND, Kind.COMPLETION, Kind.WALLET_ORDER} <= counted
    assert not counted & {Kind.VOID, Kind.OFFLINE, Kind.ECASH, Kind.PREAUTH, Kind.POINTS, Kind.TIP}
