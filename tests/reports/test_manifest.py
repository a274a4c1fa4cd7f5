"""The manifest: the hash moves with every cell, and not with who asked or how the rows came."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pointsman.reports.catalogue import REPORTS
from pointsman.reports.manifest import Manifest, Sealing, control_totals
from pointsman.reports.period import Period, Question
from pointsman.reports.table import Row, column_of

ZONE = ZoneInfo("UTC")
COLUMNS = (column_of("sales"), column_of("net"))
QUESTION = Question(Period(date(2026, 11, 1), date(2026, 11, 30)))
ROWS = [Row("CNY", [1, 100]), Row("CNY", [2, 250])]


def sealed(*pages: list[Row], question: Question = QUESTION) -> str:
    sealing = Sealing(REPORTS["R01"], question, COLUMNS)
    for page in pages:
        sealing.add(page, ZONE)
    return sealing.hexdigest()


def test_pages_do_not_matter_and_every_cell_does() -> None:
    assert sealed(ROWS) == sealed(ROWS[:1], ROWS[1:])
    assert sealed(ROWS) != sealed([Row("CNY", [1, 101]), ROWS[1]])
    assert sealed(ROWS) != sealed([Row("JPY", [1, 100]), ROWS[1]])
    assert sealed(ROWS) != sealed(ROWS[::-1])
    assert sealed(ROWS) != sealed(ROWS, question=Question(QUESTION.period, mids=("1",)))


def test_the_manifest_tells_parameters_rows_totals_and_state() -> None:
    totals = control_totals(COLUMNS, [Row("CNY", [3, 350])], ZONE)
    at = datetime(2026, 12, 1, tzinfo=UTC)
    told = QUESTION.told()
    found = Manifest("R01", 1, told, "UTC", 2, totals, sealed(ROWS), True, True, at, "somebody")
    assert found.document()["state"] == "final"
    lines = dict(found.lines())
    assert lines["total CNY net"] == "3.50"
    assert lines["rows"] == "2"
    assert lines["parameter from"] == "2026-11-01"
