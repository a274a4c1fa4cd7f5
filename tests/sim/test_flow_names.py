"""The words of ``--flows``: each names a flow, and all of them have a weight when all are asked."""

from pointsman.sim.flow_names import NAMES, Flow
from pointsman.sim.flows import ADVANCES, ALL_TYPES, WALLETS, WEIGHTS, parse_flows
from pointsman.sim.follow_ups import FOLLOWING


def test_names_are_words_of_a_command_line() -> None:
    assert len(NAMES) == len(Flow)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in NAMES)


def test_all_is_the_ordinary_mixture_and_every_type() -> None:
    weights = parse_flows("all")
    assert weights == {**ALL_TYPES, **WALLETS, **ADVANCES}
    assert weights.keys() >= WEIGHTS.keys() | FOLLOWING.keys()
    assert all(weight > 0 for weight in weights.values())
