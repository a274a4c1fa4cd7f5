"""The sums are as many as their names; each grouping and each state has its place."""

from dataclasses import fields

from pointsman.reports.sums import Sums
from pointsman.store.figure_sums import DIMENSIONS, SUMS, SUMS_SQL


def test_every_name_has_its_sum_and_the_last_time_follows() -> None:
    assert tuple(field.name for field in fields(Sums)) == (*SUMS, "last_at")
    assert SUMS_SQL.count("::bigint") == len(SUMS)
    assert SUMS_SQL.count("max(") == 1


def test_groupings_are_expressions_over_one_row() -> None:
    for name, expression in DIMENSIONS.items():
        assert "f." in expression, name
        assert "sum(" not in expression
