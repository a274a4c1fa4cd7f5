"""CSV: read back by Python's own reader, formulas neutralised, negative figures untouched."""

import csv
import io
from zoneinfo import ZoneInfo

from pointsman.reports.as_csv import MARK, body, head
from pointsman.reports.measures import Kind
from pointsman.reports.table import Column, Row, column_of

COLUMNS = (Column("merchant", Kind.TEXT, "Merchant", "商户"), column_of("net"))
ROWS = [Row("CNY", ['=1+1,"x"', -5]), Row("CNY", ["茶\n馆", None])]


def test_what_is_written_is_read_and_no_name_is_a_formula() -> None:
    data = head(COLUMNS, chinese=False, mark=False)
    data += body(ROWS, COLUMNS, ZoneInfo("UTC"), chinese=False)
    assert list(csv.reader(io.StringIO(data.decode(), newline=""))) == [
        ["Currency", "Merchant", "Net"],
        ["CNY", '\'=1+1,"x"', "-0.05"],
        ["CNY", "茶\n馆", ""],
    ]


def test_the_mark_is_there_when_it_is_asked_for() -> None:
    assert head(COLUMNS, chinese=True, mark=True) == MARK + "币种,商户,净交易额\r\n".encode()
    assert not head(COLUMNS, chinese=True, mark=False).startswith(MARK)
