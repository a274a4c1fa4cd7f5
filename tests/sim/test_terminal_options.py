"""Set-up of simulated terminals: keys that do not print, a control that says when to be idle."""

from pointsman.sim.flows import WEIGHTS
from pointsman.sim.terminal_options import TEST_TMK, Control, Identity


def test_the_master_key_is_not_printed() -> None:
    identity = Identity("898100053310001", "12345678")
    assert identity.tmk == TEST_TMK
    assert TEST_TMK.hex()[:8] not in repr(identity).lower()
    assert "xEF" not in repr(identity)


def test_paused_or_stopping_is_idle() -> None:
    assert not Control().idle
    assert Control(paused=True).idle
    assert Control(stopping=True).idle


def test_controls_do_not_share_their_weights() -> None:
    one = Control()
    one.weights = {}
    assert Control().weights == WEIGHTS
