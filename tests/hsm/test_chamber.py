"""What one HSM holds: counters that add up, and the rule that live mode opens no PIN key."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.policy import Mode, NotAllowed, Role
from tests.hsm.laboratory import ZPK, Laboratory


def test_counters_tell_each_operation_and_result_with_the_keys_and_the_start() -> None:
    lab = Laboratory()
    lab.key("ZPK", ZPK)
    lab.ask(c.ImportKey("ZPK", ZPK.hex(), "", 0), Role.SWITCH)
    lab.now_s += 60
    counters = lab.engine.counters()
    assert {(name, result): count for name, result, count in counters.calls} == {
        ("ImportKey", "ok"): 1,
        ("ImportKey", "refused"): 1,
    }
    assert counters.started_s == lab.now_s - 60
    assert counters.mode == "laboratory"


def test_live_mode_opens_no_pin_key() -> None:
    Laboratory().engine.demand_pin_keys_allowed()
    with pytest.raises(NotAllowed) as refusal:
        Laboratory(Mode.LIVE).engine.demand_pin_keys_allowed()
    assert refusal.value.reason == "live mode: PIN keys need an external HSM"


def test_two_engines_share_nothing() -> None:
    one, other = Laboratory(), Laboratory()
    one.key("ZPK", ZPK)
    assert other.engine.counters().calls == ()
    assert one.engine.entries is not other.engine.entries
    assert one.engine.exports is not other.engine.exports
