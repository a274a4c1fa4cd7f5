"""A simulated host's own count of a settlement date: what stands, once each, and nothing undone."""

from dataclasses import replace

import pytest

from pointsman.codecs.codec import Message, get_codec
from pointsman.sim import host_totals
from pointsman.sim.book import Book
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, Outcome, Work
from tests.codecs.golden import golden

CODEC = get_codec("ascii87-hexbitmap")
DATE, CURRENCY = "0315", "156"


def request(
    number: int,
    work: Work,
    minor: int,
    original: str = "",
    *,
    date: str = DATE,
    currency: str = CURRENCY,
    code: str = "00",
) -> HostRequest:
    return HostRequest(
        at="",
        key=f"0315021735-{number:06d}",
        mti="0200",
        work=work,
        processing_code="000000",
        amount_minor=minor,
        mid="898100053310001",
        tid="12345678",
        rrn=f"{number:012d}",
        card="",
        pin="none",
        outcome=Outcome.APPROVED if code == "00" else Outcome.DECLINED,
        auth="",
        behaviour="answer",
        original=original,
        date=date,
        currency=currency,
        code=code,
    )


def undone(row: HostRequest) -> HostReversal:
    return HostReversal(
        "", "0315021800-000099", "0420", row.key, row.amount_minor, row.mid, row.tid, row.rrn, "98",
        Effect.UNDONE, "00", "answer",
    )  # fmt: skip


def book(*rows: HostRequest | HostReversal) -> Book:
    made = Book()
    for row in rows:
        made.apply(row)
    return made


def test_each_kind_counts_in_its_own_field() -> None:
    sale = request(1, Work.SALE, 10_000)
    rows = (
        sale,
        request(2, Work.ADVICE, 500),
        request(3, Work.VOID, 10_000, sale.key),
        request(4, Work.REFUND, 200, "0315021735-000002"),
        request(5, Work.INQUIRY, 0),
        request(6, Work.PREAUTH, 7_000),
        request(7, Work.POINTS, 9),
        request(8, Work.SALE, 51, code="51"),
    )
    found = host_totals.totals(book(*rows), DATE, CURRENCY)
    assert {number: int(found[number]) for number in (74, 75, 76, 77, 80, 81)} == {
        74: 1, 75: 0, 76: 2, 77: 1, 80: 1, 81: 1,
    }  # fmt: skip
    assert [int(found[number]) for number in (86, 87, 88, 89)] == [200, 0, 10_500, 10_000]
    assert found[97] == f"C{300:016d}"


def test_what_was_undone_or_is_of_another_day_or_currency_counts_nowhere() -> None:
    sale = request(1, Work.SALE, 10_000)
    others = (
        request(2, Work.SALE, 1, date="0314"),
        request(3, Work.SALE, 2, currency="344"),
    )
    found = host_totals.totals(book(sale, *others, undone(sale)), DATE, CURRENCY)
    assert found == host_totals.totals(Book(), DATE, CURRENCY)
    assert int(host_totals.totals(book(sale, *others), "0314", CURRENCY)[88]) == 1


def message(**changes: str) -> Message:
    fields = dict(golden("host-ascii-reconciliation-0500-req").fields)
    fields |= {int(name[1:]): value for name, value in changes.items()}
    return CODEC.decode(CODEC.encode("0500", fields))


@pytest.mark.parametrize(("changed", "result"), [({}, "1"), ({"f88": f"{1:016d}"}, "2")])
def test_an_answer_says_whether_both_agree_and_shows_its_figures_where_not(
    changed: dict[str, str], result: str
) -> None:
    ours = host_totals.totals(Book(), DATE, CURRENCY)
    said = message(**{f"f{number}": value for number, value in ours.items()} | changed)
    row = host_totals.judged(Book(), said, "now")
    assert (row.result, row.code) == (result, {"1": "00", "2": "95"}[result])
    fields = host_totals.answer_fields(said, row)
    assert (88 in fields) is (result == "2")
    golden_answer = golden("host-ascii-reconciliation-0510").fields
    if result == "1":
        assert fields == {n: value for n, value in golden_answer.items() if n != 128}


def test_a_partial_approval_counts_with_what_was_approved() -> None:
    sale = request(1, Work.SALE, 10_000)
    made = book(sale)
    made.entries[sale.key] = replace(made.entries[sale.key], replaced_minor=9_000)
    assert int(host_totals.totals(made, DATE, CURRENCY)[88]) == 9_000
