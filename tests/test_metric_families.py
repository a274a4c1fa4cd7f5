"""The table of metrics: what every row must have, so that dashboards and alerts can rely on it."""

import pytest
from prometheus_client import Histogram

from pointsman.metric_families import CLOSED_SETS, FAMILIES, Family, attribute_of

ROWS = pytest.mark.parametrize(("name", "family"), FAMILIES.items(), ids=list(FAMILIES))
PRIVATE = {"mid", "tid", "merchant", "terminal", "pan", "card", "rrn", "stan", "amount"}


@ROWS
def test_a_histogram_and_nothing_else_has_buckets_and_they_grow(name: str, family: Family) -> None:
    assert bool(family.buckets) is (family.kind is Histogram)
    assert list(family.buckets) == sorted(set(family.buckets))


@ROWS
def test_no_label_names_a_merchant_a_terminal_or_a_card(name: str, family: Family) -> None:
    assert not PRIVATE & set(family.labels)
    assert len(set(family.labels)) == len(family.labels)


@ROWS
def test_known_values_belong_to_the_labels_that_end_the_list(name: str, family: Family) -> None:
    assert set(family.sets) <= set(CLOSED_SETS)
    assert len(family.sets) <= len(family.labels)


@ROWS
def test_help_is_one_sentence(name: str, family: Family) -> None:
    assert family.help.endswith(".")
    assert "\n" not in family.help


def test_no_two_metrics_are_one_attribute() -> None:
    attributes = [attribute_of(name) for name in FAMILIES]
    assert len(set(attributes)) == len(attributes)
    assert all(name.isidentifier() for name in attributes)
