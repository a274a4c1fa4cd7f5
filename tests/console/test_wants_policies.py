"""Bodies about limits and refused cards: bounds, and nothing besides."""

import pytest

from pointsman.console import wants_policies
from pointsman.console.bodies import read
from pointsman.console.problems import Problem

PAYMENT = b'"payment": "pay_06dwe00000e0000000000000a1"'


def test_a_card_is_named_by_a_payment_and_never_by_its_number() -> None:
    want = read(b"{" + PAYMENT + b', "reason": "lost"}', wants_policies.NewListedCard)
    assert want.code == "41"
    for body in (
        b'{"payment": "6228480000000000019", "reason": "lost"}',
        b"{" + PAYMENT + b', "reason": " "}',
        b"{" + PAYMENT + b', "reason": "x", "code": "00"}',
        b"{" + PAYMENT + b', "reason": "x", "pan": "6228480000000000019"}',
    ):
        with pytest.raises(Problem):
            read(body, wants_policies.NewListedCard)


def test_limits_are_a_table_with_a_reason() -> None:
    want = read(b'{"rules": {"day_count_max": 5}, "reason": "new"}', wants_policies.NewLimits)
    assert want.rules == {"day_count_max": 5}
    with pytest.raises(Problem):
        read(b'{"rules": [], "reason": "new"}', wants_policies.NewLimits)
    with pytest.raises(Problem):
        read(b'{"rules": {}}', wants_policies.NewLimits)
