"""What a row says by itself: whether it follows, and what the acquirer hears."""

from dataclasses import replace

from pointsman.store.records import Guard
from pointsman.switch.flows import FLOW_BY_NAME


def test_a_row_follows_where_it_reserves_something_on_another() -> None:
    sale = FLOW_BY_NAME["sale"]
    assert not sale.follows
    assert replace(sale, guard=Guard.NOTE).follows


def test_the_acquirer_hears_the_terminals_type_where_the_row_says_nothing_else() -> None:
    assert FLOW_BY_NAME["sale"].upstream_mti == "0200"
    assert FLOW_BY_NAME["ecash"].upstream_mti == "0220"
    assert FLOW_BY_NAME["wallet-order"].upstream_mti == "0100"
