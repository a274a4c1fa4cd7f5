"""Measures: each has a name, a formula and a reason where it has no value, in both languages."""

from fractions import Fraction

from pointsman.reports.measures import MEASURES, growth, ratio
from pointsman.reports.sums import Sums


def test_an_empty_denominator_gives_no_value_and_never_nought() -> None:
    nothing = Sums()
    for code in ("approval", "answer", "success", "ticket", "refund_rate", "first_attempt"):
        assert MEASURES[code].value(nothing) is None
    assert ratio(0, 3) == 0
    assert growth(3, 0) is None
    assert growth(3, 2) == Fraction(1, 2)


def test_every_measure_is_told_in_both_languages() -> None:
    for one in MEASURES.values():
        assert one.en
        assert not one.zh.isascii()
        assert one.formula_en
        assert not one.formula_zh.isascii()
        if one.value(Sums()) is None and one.value(Sums.of([7] * 17)) is None:
            assert one.missing_en
            assert not one.missing_zh.isascii()
