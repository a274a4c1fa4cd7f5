"""The summary of a day, for machines and for people."""

import json
from dataclasses import replace

from pointsman.settlement.summary import as_text, summary
from pointsman.settlement.totals import day_totals
from pointsman.store.day import OpenReason, PostingKind
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.settlement.days import DAY, MIDS, Row, claim, line, open_item

LINES = [
    line(Row(1, minor=5000)),
    line(Row(2, minor=1500, kind="refund", acquirer="beta")),
    line(Row(3, minor=700, mid=MIDS[1]), posting=PostingKind.UNDO),
]
ITEMS = [open_item(Row(9, minor=42), DAY, OpenReason.IN_DOUBT)]
OURS = BatchTotals(SideTotals(5000, 1, 1500, 1), SideTotals())
THEIRS = BatchTotals(SideTotals(5000, 2, 1500, 1), SideTotals())
BATCHES = [claim(OURS, OURS), claim(THEIRS, OURS, "12345679")]
TOTALS = day_totals(LINES, ITEMS)


def test_machine_reads_every_sum_in_minor_units() -> None:
    found = json.loads(json.dumps(summary(DAY, TOTALS, BATCHES)))
    assert found["settlement_date"] == "2026-11-22"
    assert [(m["merchant"], m["net_minor"], m["count"]) for m in found["merchants"]] == [
        (MIDS[0], 3500, 2),
        (MIDS[1], -700, 1),
    ]
    assert [(a["acquirer"], a["net_minor"]) for a in found["acquirers"]] == [
        ("alpha", 4300),
        ("beta", -1500),
    ]
    assert [(c["currency"], c["net_minor"]) for c in found["currencies"]] == [("CNY", 2800)]
    assert found["merchants"][1]["by_type"] == {"undone": {"count": 1, "minor": -700}}
    assert [(i["reason"], i["net_minor"]) for i in found["open_items"]] == [("in doubt", 42)]


def test_machine_reads_how_batches_compare() -> None:
    found = json.loads(json.dumps(summary(DAY, TOTALS, BATCHES)))["batches"]
    assert (found["closed"], found["balanced"], found["unbalanced"]) == (2, 1, 1)
    assert found["terminals"] == {"156": {"terminal_minor": 7000, "journal_minor": 7000}}
    assert found["differing"][0]["differences"] == ["domestic debit_count: terminal 2, journal 1"]


def test_person_reads_the_same_sums_as_decimal_text() -> None:
    text = as_text(DAY, TOTALS, BATCHES)
    assert "35.00 CNY" in text
    assert "28.00 CNY" in text
    assert "-7.00 CNY" in text
    assert "2 closed, 1 balanced, 1 unbalanced, 0 without a claim" in text
    assert "12345679 000012 unbalanced-open: domestic debit_count" in text


def test_forced_batches_are_counted_where_there_are_any() -> None:
    forced = [*BATCHES, replace(BATCHES[0], claimed=None, result="forced")]
    found = summary(DAY, TOTALS, forced)["batches"]
    assert isinstance(found, dict)
    assert (found["closed"], found["forced"]) == (3, 1)
    assert "0 without a claim, 1 forced\n" in as_text(DAY, TOTALS, forced)


def test_empty_day_is_told_as_one() -> None:
    empty = day_totals([], [])
    assert "none" in as_text(DAY, empty, [])
    assert summary(DAY, empty, [])["merchants"] == []
