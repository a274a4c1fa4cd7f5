"""Columns: names in both languages, codes in words for people."""

from pointsman.reports.measures import MEASURES
from pointsman.reports.table import Column, column_of


def test_the_column_of_a_measure_tells_its_formula_and_what_is_missing() -> None:
    fees = column_of("fees")
    assert fees.title(chinese=True) == MEASURES["fees"].zh
    assert fees.formula(chinese=False) == "Σ fee − Σ returned fee"
    assert fees.missing(chinese=False)


def test_a_code_is_shown_in_words_where_there_are_some() -> None:
    column = Column("x", MEASURES["net"].kind, "X", "某", words={"a": ("one", "一")})
    assert column.named("a", chinese=True) == "一"
    assert column.named("b", chinese=True) == "b"
    assert column.named(7, chinese=False) == 7
