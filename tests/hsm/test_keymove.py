"""Moving keys under a new LMK: once, whole, and only with the old one loaded."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.mac import cup_ecb_mac
from pointsman.hsm.policy import Role
from tests.hsm.laboratory import MAK, Laboratory


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def test_change_of_lmk_moves_every_block_once(lab: Laboratory) -> None:
    tak = lab.key("TAK", MAK, owner="T1", expires_s=lab.now_s + 99)
    new = Laboratory(lmk=b"\x18" * 32, old_lmk=lab.lmk)
    answer = new.ask(c.Rewrap((tak, b"junk")), Role.OPERATOR)
    assert isinstance(answer, c.Rewrapped)
    moved, lost = answer.blocks
    assert lost == b""
    assert new.ask(c.Rewrap((moved,)), Role.OPERATOR) == c.Rewrapped((moved,))
    check = c.MacCheck(moved, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
    assert new.ask(c.Inbound(check)) == c.InboundDone(mac_ok=True)
    assert new.ask(c.Describe(moved)) == lab.ask(c.Describe(tak))
    assert lab.ask(c.Rewrap((tak,)), Role.OPERATOR) == REFUSED
    assert new.ask(c.Rewrap((tak,) * 2_001), Role.OPERATOR) == MALFORMED
