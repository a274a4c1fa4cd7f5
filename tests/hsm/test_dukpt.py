"""DUKPT beyond the vectors: the kept tree gives the same keys as a fresh one, bad KSNs none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.dukpt import (
    Bdk,
    DukptKeys,
    Use,
    Working,
    next_ksn,
    split_aes_ksn,
    split_tdes_ksn,
    tdes_initial_key,
    tdes_step,
    tdes_variant,
)
from pointsman.hsm.mac import x9_19
from pointsman.hsm.pinblock import encode
from pointsman.hsm.primitives import Algorithm, encryptor
from tests.hsm.laboratory import PAN, TMK, ZPK, Laboratory

BDK = Bdk(Algorithm.TDES, TMK, b"tdes")
AES_BDK = Bdk(Algorithm.AES, bytes(range(16)), b"aes")
BASE = 0xFFFF9876543210E00000
good_counters = st.integers(1, (1 << 21) - 1).filter(lambda n: n.bit_count() <= 10)


def ksn(counter: int) -> bytes:
    return (BASE + counter).to_bytes(10)


def by_hand(counter: int) -> bytes:
    """The textbook way: from the highest bit down, nothing kept."""
    key = tdes_initial_key(TMK, ksn(0)[:8])
    register = int.from_bytes(ksn(0)[2:])
    for bit in range(20, -1, -1):
        if counter >> bit & 1:
            register |= 1 << bit
            key = tdes_step(key, register.to_bytes(8))
    return key


@given(st.lists(good_counters, min_size=1, max_size=12))
def test_kept_nodes_change_no_key(counters: list[int]) -> None:
    kept = DukptKeys()
    for counter in counters:
        assert kept.transaction_key(BDK, ksn(counter)) == by_hand(counter)


@given(st.lists(st.integers(1, 500).map(lambda n: n << 3), min_size=1, max_size=30))
def test_a_small_cache_gives_the_same_keys(counters: list[int]) -> None:
    small, large = DukptKeys(nodes_max=2), DukptKeys()
    for counter in counters:
        number = bytes(8) + counter.to_bytes(4)
        assert small.transaction_key(AES_BDK, number) == large.transaction_key(AES_BDK, number)


def test_two_bdks_never_share_a_node() -> None:
    keys = DukptKeys()
    other = Bdk(Algorithm.TDES, ZPK, b"other")
    assert keys.transaction_key(BDK, ksn(6)) != keys.transaction_key(other, ksn(6))
    assert keys.transaction_key(other, ksn(6)) == DukptKeys().transaction_key(other, ksn(6))


@pytest.mark.parametrize(
    "number", [b"", bytes(9), bytes(11), ksn(0), ksn((1 << 11) - 1), ksn((1 << 21) - 1)]
)
def test_ksn_that_no_tdes_device_sends_is_refused(number: bytes) -> None:
    with pytest.raises(ValueError, match=r"KSN|counter"):
        split_tdes_ksn(number)


@pytest.mark.parametrize("number", [b"", bytes(10), bytes(12), bytes(8) + b"\xff" * 4])
def test_ksn_that_no_aes_device_sends_is_refused(number: bytes) -> None:
    with pytest.raises(ValueError, match=r"KSN|counter"):
        split_aes_ksn(number)


def test_counters_follow_each_other_with_at_most_ten_ones() -> None:
    number = ksn(1)
    for _ in range(3_000):
        following = next_ksn(number)
        assert following > number
        assert split_tdes_ksn(following)[1].bit_count() <= 10
        number = following
    with pytest.raises(ValueError, match="used up"):
        next_ksn(ksn(0b111111111100000000000))


def test_pin_and_mac_under_dukpt_are_done_in_a_sale() -> None:
    lab = Laboratory()
    bdk, zpk = lab.key("BDK", TMK), lab.key("ZPK", ZPK)
    key = DukptKeys().transaction_key(BDK, ksn(3))
    pin_key, mac_key = tdes_variant(key, Use.PIN), tdes_variant(key, Use.MAC_REQUEST)
    block = encryptor(Algorithm.TDES, pin_key)(encode(0, "1234", PAN))
    derived = c.Dukpt(bdk, ksn(3))
    room = c.HostMessage(bytes(8), 0, False, None, MacMethod.X9_19, 0, mac_hex=False)
    request = c.Outbound(
        c.MacCheck(b"", MacMethod.X9_19, b"data", x9_19(mac_key, b"data"), derived),
        None,
        c.PinTranslate(b"", zpk, block, PAN, dukpt=derived),
        room,
    )
    done = lab.ask(request)
    assert isinstance(done, c.OutboundDone)
    assert done.mac_ok is True
    assert done.host == encryptor(Algorithm.TDES, ZPK)(encode(0, "1234", PAN))
    answer_key = tdes_variant(key, Use.MAC_RESPONSE)
    made = lab.ask(c.Inbound(None, c.MacMake(b"", MacMethod.X9_19, b"answer", dukpt=derived)))
    assert made == c.InboundDone(mac=x9_19(answer_key, b"answer"))


def test_mac_method_must_fit_the_derived_key() -> None:
    lab = Laboratory()
    derived = c.Dukpt(lab.key("BDK", TMK), ksn(3))
    for method in (MacMethod.CMAC, MacMethod.CUP_ECB):
        check = c.MacCheck(b"", method, b"data", bytes(8), derived)
        assert isinstance(lab.ask(c.Inbound(check)), c.Refused)
    aes = c.Dukpt(lab.key("BDK_AES", bytes(range(16))), bytes(8) + b"\0\0\0\1", Working.AES128.name)
    check = c.MacCheck(b"", MacMethod.CMAC, b"data", bytes(8), aes)
    assert lab.ask(c.Inbound(check)) == c.InboundDone(mac_ok=False)
    wrong = c.MacCheck(b"", MacMethod.CMAC, b"data", bytes(8), c.Dukpt(aes.bdk, aes.ksn, "AES512"))
    assert isinstance(lab.ask(c.Inbound(wrong)), c.Refused)
