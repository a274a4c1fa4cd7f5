"""A day's files: what an independent reader adds up in them, and the same bytes each time."""

import csv
import hashlib
import io
import json
from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.settlement.files import LINE_COLUMNS, MANIFEST, ClosedDay, day_files
from pointsman.store.day import OpenReason
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.settlement.days import DAY, MIDS, ROWS, Row, claim, line, open_item

EXPONENTS = {"CNY": 2, "JPY": 0, "BHD": 3}
CODES = {"156": "CNY", "392": "JPY", "048": "BHD"}


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def closed(rows: list[Row]) -> ClosedDay:
    ordered = sorted(rows, key=lambda row: (row.mid, row.currency, row.number))
    return ClosedDay(DAY, [line(row) for row in ordered], [], [])


@given(ROWS)
def test_reader_finds_every_amount_and_trailers_that_add_up(rows: list[Row]) -> None:
    files = day_files(closed(rows))
    details: list[tuple[str, str, str, Decimal]] = []
    for name, content in files.items():
        if not name.startswith("merchant-"):
            continue
        sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        trailers = {}
        for found in read(content):
            assert name == f"merchant-{found['merchant']}.csv"
            amount, code = Decimal(found["amount"]), found["currency"]
            assert -amount.as_tuple().exponent == EXPONENTS[code]  # type: ignore[operator] # finite
            if found["record"] == "D":
                details.append((found["merchant"], found["stan"], code, amount))
                sums[code, found["type"]].append(amount)
                sums[code, "total"].append(amount)
            else:
                trailers[code, found["type"]] = (int(found["count"]), amount)
        assert trailers == {key: (len(found), sum(found)) for key, found in sums.items()}
    assert sorted(details) == sorted(
        (
            row.mid,
            f"{row.number:06d}",
            CODES[row.currency],
            Decimal(row.signed).scaleb(-EXPONENTS[CODES[row.currency]]),
        )
        for row in rows
    )


@given(ROWS, st.randoms())
def test_order_in_which_rows_came_does_not_change_a_byte(
    rows: list[Row], random: st.DataObject
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    assert day_files(closed(rows)) == day_files(closed(shuffled))


def test_manifest_names_every_other_file_with_its_hash_and_comes_last() -> None:
    files = day_files(closed([Row(1), Row(2, mid=MIDS[1])]))
    assert list(files)[-1] == MANIFEST
    manifest = json.loads(files[MANIFEST])
    assert {one["name"] for one in manifest["files"]} == set(files) - {MANIFEST}
    for one in manifest["files"]:
        content = files[one["name"]]
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["size_bytes"] == len(content)


def test_merchant_file_begins_with_its_columns_and_ends_with_the_total() -> None:
    files = day_files(closed([Row(1, minor=1250), Row(2, kind="void", minor=250)]))
    rows = list(csv.reader(io.StringIO(files[f"merchant-{MIDS[0]}.csv"].decode(), newline="")))
    assert tuple(rows[0]) == LINE_COLUMNS
    assert {len(row) for row in rows} == {len(LINE_COLUMNS)}
    total = dict(zip(rows[0], rows[-1], strict=True))
    assert (total["record"], total["type"], total["count"], total["amount"]) == (
        "T",
        "total",
        "2",
        "10.00",
    )


def test_what_is_open_is_listed_with_its_sum_and_is_in_no_merchant_file() -> None:
    items = [
        open_item(Row(7, minor=100), DAY, OpenReason.OWED),
        open_item(Row(8, minor=23), DAY, OpenReason.SENDING),
    ]
    files = day_files(ClosedDay(DAY, [line(Row(1))], items, []))
    rows = read(files["open-items.csv"])
    assert [(row["record"], row["reason"], row["amount"]) for row in rows] == [
        ("D", "reversal owed", "1.00"),
        ("D", "sending", "0.23"),
        ("T", "reversal owed", "1.00"),
        ("T", "sending", "0.23"),
    ]
    assert [row["stan"] for row in read(files[f"merchant-{MIDS[0]}.csv"])][:1] == ["000001"]
    assert b"000007" not in files[f"merchant-{MIDS[0]}.csv"]


def test_batches_show_both_counts_and_how_they_compare() -> None:
    ours = BatchTotals(SideTotals(5000, 3, 1000, 1), SideTotals())
    theirs = BatchTotals(SideTotals(4000, 2, 1000, 1), SideTotals())
    batches = [claim(ours, ours), claim(theirs, ours, "12345679"), claim(None, ours, "12345680")]
    rows = read(day_files(ClosedDay(DAY, [], [], batches))["batches.csv"])
    assert [row["comparison"] for row in rows] == ["balanced", "unbalanced", "no claim"]
    assert [row["terminal_domestic_debit_amount"] for row in rows] == ["50.00", "40.00", ""]
    assert [row["journal_domestic_debit_count"] for row in rows] == ["3", "3", "3"]


def test_text_from_outside_is_no_formula_in_a_spreadsheet() -> None:
    files = day_files(closed([Row(1, auth_code="=1+1,2")]))
    assert b'"\'=1+1,2"' in files[f"merchant-{MIDS[0]}.csv"]


def test_odd_merchant_number_cannot_leave_the_directory() -> None:
    names = set(day_files(closed([Row(1, mid="../../etc/x")])))
    assert f"merchant-x{b'../../etc/x'.hex()}.csv" in names


def test_lines_that_are_not_ordered_by_merchant_are_a_bug() -> None:
    lines = [line(Row(n, mid=MIDS[n % 2])) for n in range(3)]
    with pytest.raises(AssertionError):
        day_files(ClosedDay(DAY, lines, [], []))
