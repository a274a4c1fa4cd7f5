"""Tables of the site file: every key is shown in the example, and none has it both ways."""

from pathlib import Path

import pytest

from pointsman.site import tables
from pointsman.site.keys import Row

EXAMPLE = (Path(__file__).parents[2] / "site.example.toml").read_text("utf-8").replace("# ", "")
TABLES = (tables.SITE, tables.ACQUIRER, tables.MERCHANT, tables.ROUTE, tables.TERMINAL)


@pytest.mark.parametrize("row", [row for table in TABLES for row in table], ids=lambda r: r.name)
def test_key_is_written_in_the_example(row: Row) -> None:
    forms = [f"\n{row.name} = ", f" {row.name} = ", f"[{row.name}.", f".{row.name}."]
    assert any(form in EXAMPLE for form in forms)


@pytest.mark.parametrize("table", TABLES)
def test_key_has_a_default_or_is_required_but_never_both(table: tuple[Row, ...]) -> None:
    assert not [row.name for row in table if row.required and row.default is not None]
    assert len({row.name for row in table}) == len(table)
