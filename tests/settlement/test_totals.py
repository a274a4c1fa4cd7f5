"""Sums of posted lines against an adding-up of its own, and sums that do not agree."""

from hypothesis import given

from pointsman.money import currency
from pointsman.settlement.totals import Sum, Tally, add_up, add_up_open, day_totals, type_of
from pointsman.store.day import OpenReason, PostingKind
from tests.settlement.days import DAY, ROWS, Row, line, open_item


@given(ROWS)
def test_every_way_of_adding_up_a_day_gives_what_a_plain_loop_gives(rows: list[Row]) -> None:
    lines = [line(row) for row in rows]
    totals = day_totals(lines, [])
    for tallies, name in ((totals.by_merchant, "mid"), (totals.by_acquirer, "acquirer")):
        for (found, code), tally in tallies.items():
            mine = [r for r in rows if (getattr(r, name), r.currency) == (found, code)]
            assert tally.net == Sum(len(mine), sum(row.signed for row in mine))
            for kind, part in tally.by_type.items():
                of_kind = [row for row in mine if row.kind == kind]
                assert part == Sum(len(of_kind), sum(row.signed for row in of_kind))
        assert sum(tally.net.count for tally in tallies.values()) == len(rows)
    for (name, code), tally in totals.by_currency.items():
        assert name == ""
        assert tally.net.minor == sum(row.signed for row in rows if row.currency == code)


def test_currencies_are_never_added_together() -> None:
    lines = [line(Row(1, minor=5)), line(Row(2, minor=7, currency="392"))]
    assert [tally.net.minor for tally in add_up(lines, lambda _line: "").values()] == [5, 7]


def test_line_that_takes_a_posting_back_has_a_type_of_its_own() -> None:
    undone = line(Row(1), posting=PostingKind.UNDO)
    assert (type_of(undone), undone.signed_minor) == ("undone", -1000)
    (tally,) = add_up([line(Row(1)), undone], lambda _line: "").values()
    assert tally.by_type == {"sale": Sum(1, 1000), "undone": Sum(1, -1000)}
    assert tally.net == Sum(2, 0)


def test_open_items_are_added_up_by_reason() -> None:
    items = [
        open_item(Row(1, minor=5), DAY, OpenReason.SENDING),
        open_item(Row(2, minor=7), DAY, OpenReason.OWED),
        open_item(Row(3, minor=9, kind="refund"), DAY, OpenReason.OWED),
    ]
    found = {key: tally.net for key, tally in add_up_open(items).items()}
    assert found == {("sending", "156"): Sum(1, 5), ("reversal owed", "156"): Sum(2, -2)}


def test_sum_is_told_with_the_exponent_of_its_currency() -> None:
    yuan, yen, dinar = (Tally(currency(code)) for code in ("156", "392", "048"))
    assert [tally.text(Sum(1, -1250)) for tally in (yuan, yen, dinar)] == [
        "-12.50",
        "-1250",
        "-1.250",
    ]
