"""Working keys for a sign-in, layout by layout, as blocks and as field 62."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.keys import has_equal_parts, kcv, odd_parity
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor
from tests.hsm.laboratory import PIK, TMK, Laboratory


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def mac_under(lab: Laboratory, tak: bytes, method: MacMethod) -> bytes:
    answer = lab.ask(c.Inbound(None, c.MacMake(tak, method, b"data")))
    assert isinstance(answer, c.InboundDone)
    assert answer.mac is not None
    return answer.mac


def sign_in(lab: Laboratory, layout: str, **more: object) -> c.TerminalKeys:
    request = c.NewTerminalKeys(lab.key("TMK", TMK), layout, **more)  # type: ignore[arg-type]  # named below
    answer = lab.ask(request)
    assert isinstance(answer, c.TerminalKeys), lab.reasons
    return answer


def open_part(part: bytes) -> bytes:
    return decryptor(Algorithm.TDES, TMK)(part)


def test_layout_003_carries_a_double_pik_and_a_single_mak(lab: Laboratory) -> None:
    keys = sign_in(lab, "003")
    assert len(keys.field62) == 40
    pik, mak = open_part(keys.field62[:16]), open_part(keys.field62[20:28])
    assert keys.field62[16:20] == kcv(pik)[:4]
    assert keys.field62[28:36] == bytes(8)
    assert keys.field62[36:] == kcv(mak)[:4]
    assert mac_under(lab, keys.tak, MacMethod.CUP_ECB) == cup_ecb_mac(mak, b"data")
    assert odd_parity(pik) == pik
    assert not has_equal_parts(pik)
    assert keys.kcvs == (kcv(pik)[:3].hex().upper(), kcv(mak)[:3].hex().upper())


def test_long_mak_fills_the_place_of_the_zeros(lab: Laboratory) -> None:
    keys = sign_in(lab, "003", long_mak=True)
    mak = open_part(keys.field62[20:36])
    assert keys.field62[36:] == kcv(mak)[:4]
    assert mac_under(lab, keys.tak, MacMethod.CUP_ECB) == cup_ecb_mac(mak, b"data")


def test_x9_19_needs_a_double_mak_and_gets_one(lab: Laboratory) -> None:
    keys = sign_in(lab, "003", method=MacMethod.X9_19)
    mak = open_part(keys.field62[20:36])
    assert mac_under(lab, keys.tak, MacMethod.X9_19) == x9_19(mak, b"data")


def test_layout_004_adds_a_track_key_and_001_is_single_length(lab: Laboratory) -> None:
    keys = sign_in(lab, "004")
    assert len(keys.field62) == 60
    tdk = open_part(keys.field62[40:56])
    assert keys.field62[56:] == kcv(tdk)[:4]
    assert keys.tdk is not None
    clear = "6216261000000000018D30122010000000000000"
    hidden = (
        clear[:-17]
        + encryptor(Algorithm.TDES, tdk)(bytes.fromhex(clear[-17:-1])).hex().upper()
        + clear[-1]
    )
    assert lab.ask(c.OpenTrack(keys.tdk, hidden)) == c.OpenedTrack(clear)
    for wrong in ("1" * 16, "", hidden.lower(), hidden[:-4] + "=" + hidden[-3:]):
        assert lab.ask(c.OpenTrack(keys.tdk, wrong)) == MALFORMED
    single = sign_in(lab, "001")
    assert len(single.field62) == 24
    assert single.field62[20:] == kcv(open_part(single.field62[12:20]))[:4]


@pytest.mark.parametrize("layout", ["", "002", "99", "003 "])
def test_unknown_layout_is_malformed(lab: Laboratory, layout: str) -> None:
    assert lab.ask(c.NewTerminalKeys(lab.key("TMK", TMK), layout)) == MALFORMED


def test_sm4_working_keys_are_refused_in_plain_words(lab: Laboratory) -> None:
    tmk = lab.key("TMK", TMK)
    assert lab.ask(c.NewTerminalKeys(tmk, "005")) == REFUSED
    assert lab.reasons[-1] == "the layout of SM4 working keys (005) is not published"
    for method in (MacMethod.CUP_ECB_SM4, MacMethod.CUP_ECB_SM4_RAW, MacMethod.CBC_SM4):
        assert lab.ask(c.NewTerminalKeys(tmk, "003", method=method)) == REFUSED
        assert lab.reasons[-1] == "no working key for this MAC under a TDES master key"


def test_zone_master_key_may_not_be_asked_as_terminal_way_out(lab: Laboratory) -> None:
    request = c.NewTerminalKeys(lab.key("TPK", PIK), "003")
    assert lab.ask(request) == REFUSED
    cmac = c.NewTerminalKeys(lab.key("TMK", TMK), "003", method=MacMethod.CMAC)
    assert lab.ask(cmac) == REFUSED
    assert lab.reasons[-1] == "no working key for this MAC under a TDES master key"


def test_keys_given_before_are_told_again_to_their_owner_alone(lab: Laboratory) -> None:
    first = sign_in(lab, "003", owner="m/t")
    again = sign_in(lab, "003", owner="m/t", again=(first.tpk, first.tak))
    assert again == first
    with_track = sign_in(lab, "004", owner="m/t", again=(first.tpk, first.tak))
    assert with_track.field62[:40] == first.field62
    assert with_track.tdk is not None
    tmk = lab.key("TMK", TMK)
    for wrong in (
        c.NewTerminalKeys(tmk, "003", owner="m/other", again=(first.tpk, first.tak)),
        c.NewTerminalKeys(tmk, "003", owner="m/t", again=(first.tak, first.tpk)),
        c.NewTerminalKeys(tmk, "003", owner="m/t", again=(tmk, first.tak)),
        c.NewTerminalKeys(tmk, "003", owner="m/t", again=(first.tpk,) * 3),
    ):
        assert isinstance(lab.ask(wrong), c.Refused)
