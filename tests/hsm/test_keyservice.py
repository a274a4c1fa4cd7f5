"""Making, importing, exporting, entering and moving keys, and what each act must refuse."""

import json
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyheader import Header, peek
from pointsman.hsm.keys import Kind, kcv
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor
from tests.hsm.laboratory import MAK, PAN, TMK, ZAK, ZMK, ZPK, Laboratory

MESSAGES = Path(__file__).parent.parent / "data" / "messages"


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def mac_under(lab: Laboratory, tak: bytes, method: MacMethod) -> bytes:
    answer = lab.ask(c.Inbound(None, c.MacMake(tak, method, b"data")))
    assert isinstance(answer, c.InboundDone)
    assert answer.mac is not None
    return answer.mac


def test_golden_key_exchange_imports_both_zone_keys(lab: Laboratory) -> None:
    golden = json.loads((MESSAGES / "host-ascii-keyexchange-req.json").read_text())
    data = bytes.fromhex(golden["fields"]["48"])
    zmk = lab.key("ZMK", ZMK)
    zpk = lab.ask(c.ImportUnder(zmk, "ZPK", data[:16], data[16:19]))
    zak = lab.ask(c.ImportUnder(zmk, "ZAK", data[19:35], data[35:38]))
    assert isinstance(zpk, c.KeyMade)
    assert isinstance(zak, c.KeyMade)
    assert (zpk.kcv, zak.kcv) == (kcv(ZPK)[:3].hex().upper(), kcv(ZAK)[:3].hex().upper())
    assert mac_under(lab, zak.block, MacMethod.X9_19) == x9_19(ZAK, b"data")


def test_single_length_mac_key_comes_under_a_zmk_too(lab: Laboratory) -> None:
    wrapped = encryptor(Algorithm.TDES, ZMK)(MAK)
    made = lab.ask(c.ImportUnder(lab.key("ZMK", ZMK), "TAK", wrapped, kcv(MAK)[:4]))
    assert isinstance(made, c.KeyMade)
    assert made.kcv == kcv(MAK)[:3].hex().upper()


def test_import_with_a_wrong_check_value_or_master_key_is_refused(lab: Laboratory) -> None:
    wrapped, zmk = encryptor(Algorithm.TDES, ZMK)(ZPK), lab.key("ZMK", ZMK)
    for value in (b"\0\0\0", b"", kcv(ZPK)[:1], kcv(ZPK) + b"\0"):
        assert lab.ask(c.ImportUnder(zmk, "ZPK", wrapped, value)) == REFUSED
    tmk = lab.key("TMK", ZMK)  # the same clear key, another use
    assert lab.ask(c.ImportUnder(tmk, "ZPK", wrapped, kcv(ZPK)[:3])) == REFUSED
    assert lab.ask(c.ImportUnder(zmk, "ZPK_AES", wrapped, kcv(ZPK)[:3])) == REFUSED
    assert lab.ask(c.ImportUnder(zmk, "ZPK", wrapped[:-1], kcv(ZPK)[:3])) == MALFORMED
    for usage in ("TOKEN", "PAN_DATA", "nothing", ""):
        assert lab.ask(c.ImportUnder(zmk, usage, wrapped, kcv(ZPK)[:3])) == REFUSED


def test_export_and_import_under_a_zmk_give_the_same_key(lab: Laboratory) -> None:
    zmk, zak = lab.key("ZMK", ZMK), lab.new("ZAK")
    out = lab.export(zmk, zak)
    assert isinstance(out, c.Exported)
    value = bytes.fromhex(out.kcv)
    back = lab.ask(c.ImportUnder(zmk, "ZAK", out.wrapped, value), Role.OPERATOR)
    assert isinstance(back, c.KeyMade)
    assert mac_under(lab, back.block, MacMethod.X9_19) == mac_under(lab, zak, MacMethod.X9_19)


@pytest.mark.parametrize("usage", ["ZAK", "ZPK_AES", "ZAK_CMAC", "BDK"])
def test_export_and_import_as_key_block(lab: Laboratory, usage: str) -> None:
    kbpk = lab.ask(c.NewKey("KBPK", size=32), Role.OPERATOR)
    assert isinstance(kbpk, c.KeyMade)
    key = lab.ask(c.NewKey(usage), Role.OPERATOR)
    assert isinstance(key, c.KeyMade)
    out = lab.export(kbpk.block, key.block)
    assert isinstance(out, c.Exported)
    assert out.wrapped[:1] == b"D"
    back = lab.ask(c.ImportBlock(kbpk.block, usage, out.wrapped), Role.OPERATOR)
    assert isinstance(back, c.KeyMade)
    assert back.kcv == key.kcv == out.kcv
    assert lab.ask(c.ImportBlock(kbpk.block, "CVK", out.wrapped), Role.OPERATOR) == REFUSED


def test_partner_block_of_another_usage_algorithm_or_mode_is_refused(lab: Laboratory) -> None:
    kbpk = lab.key("KBPK", b"\x22" * 32)
    wrapper = Wrapper(b"\x22" * 32, Algorithm.AES)
    for header, expected in (
        (Header("D", "P0", "T", "E"), True),
        (Header("D", "P0", "T", "B"), True),
        (Header("D", "P0", "T", "N"), True),
        (Header("D", "P0", "T", "D"), False),
        (Header("D", "D0", "T", "E"), False),
        (Header("D", "P0", "A", "E"), False),
    ):
        block = wrapper.seal(header, ZPK, bytes(14))
        answer = lab.ask(c.ImportBlock(kbpk, "ZPK", block), Role.OPERATOR)
        assert isinstance(answer, c.KeyMade) is expected, header


def test_weaker_keys_wrap_no_stronger_ones(lab: Laboratory) -> None:
    weak = lab.key("KBPK", b"\x22" * 16)
    strong = lab.ask(c.NewKey("ZPK_AES", size=32), Role.OPERATOR)
    assert isinstance(strong, c.KeyMade)
    assert lab.export(weak, strong.block) == REFUSED
    assert lab.reasons[-1] == "key block: stronger_key"
    assert lab.export(lab.key("ZMK", ZMK), strong.block) == REFUSED


@pytest.mark.parametrize("usage", ["ZMK", "TMK", "KBPK"])
def test_wrapping_keys_are_not_exported(lab: Laboratory, usage: str) -> None:
    assert lab.export(lab.key("ZMK", ZMK), lab.new(usage)) == REFUSED


def test_states_go_on_and_destroyed_is_the_end(lab: Laboratory) -> None:
    tak, zmk = lab.key("TAK", MAK), lab.key("ZMK", ZMK)
    retired = lab.ask(c.SetState(tak, "retired"))
    assert isinstance(retired, c.KeyMade)
    mac = c.MacCheck(retired.block, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
    assert lab.ask(c.Inbound(mac)) == c.InboundDone(mac_ok=True)
    old_zmk = lab.ask(c.SetState(zmk, "retired"))
    assert isinstance(old_zmk, c.KeyMade)
    assert lab.export(old_zmk.block, tak) == REFUSED
    gone = lab.ask(c.SetState(tak, "destroyed"))
    assert isinstance(gone, c.KeyMade)
    check = c.MacCheck(gone.block, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
    assert lab.ask(c.Inbound(check)) == REFUSED
    assert lab.ask(c.SetState(gone.block, "active")) == REFUSED
    assert lab.ask(c.SetState(tak, "stolen")) == MALFORMED


def test_life_goes_forward_only(lab: Laboratory) -> None:
    names = ("pending", "active", "retired", "destroyed")
    for at, name in enumerate(names):
        made = lab.ask(c.SetState(lab.key("TAK", MAK), name))
        if at == 0:
            assert made == REFUSED  # an active key is pending no more
            continue
        assert isinstance(made, c.KeyMade)
        for later, other in enumerate(names):
            answer = lab.ask(c.SetState(made.block, other))
            assert isinstance(answer, c.KeyMade) is (later >= at and name != "destroyed")


def test_block_describes_its_key(lab: Laboratory) -> None:
    block = lab.key("TAK", MAK, owner="T0000001", expires_s=lab.now_s + 5)
    assert lab.ask(c.Describe(block)) == c.Described(
        "TAK", "DES", "T0000001", kcv(MAK)[:3].hex().upper(), "active", lab.now_s, lab.now_s + 5
    )
    header = peek(block)
    assert (header.version, header.usage, header.mode) == ("D", "10", "C")
    assert lab.ask(c.Describe(block[:-2] + b"00")) == REFUSED


def test_owner_with_strange_characters_is_refused(lab: Laboratory) -> None:
    for owner in ("x" * 41, "a\nb", "\u4e2d"):
        assert lab.ask(c.NewKey("TMK", owner)) == REFUSED


@pytest.mark.parametrize("expires_s", [-1, 1 << 36, -(1 << 62)])
def test_expiry_that_no_block_can_tell_is_refused(lab: Laboratory, expires_s: int) -> None:
    assert lab.ask(c.NewKey("TMK", "", expires_s)) == REFUSED


LIVE_REFUSED = [
    ("ZMK", TMK.hex(), "clear keys in laboratory mode only"),
]


def test_live_mode_takes_no_clear_keys() -> None:
    live = Laboratory(mode=Mode.LIVE)
    for usage, clear, reason in LIVE_REFUSED:
        assert live.ask(c.ImportKey(usage, clear), Role.OPERATOR) == REFUSED
        assert live.reasons[-1] == reason


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((TMK, bytes(16)), "published test key"),
        ((b"\x11" * 8 + b"\x22" * 8, b"\x22" * 8 + b"\x11" * 8), "equal halves"),
    ],
)
def test_live_mode_refuses_test_keys_and_equal_halves(
    parts: tuple[bytes, bytes], reason: str
) -> None:
    live = Laboratory(mode=Mode.LIVE)
    answers = [
        live.ask(c.Component("e", "ZMK", person, number, 2, part.hex()), Role.OPERATOR)
        for number, (part, person) in enumerate(zip(parts, ("ann", "bea"), strict=True), 1)
    ]
    assert answers[-1] == REFUSED
    assert live.reasons == [reason]


def test_every_kind_can_be_made_and_nothing_internal(lab: Laboratory) -> None:
    for kind in Kind:
        answer = lab.ask(c.NewKey(kind.name, "owner"))
        internal = kind in (Kind.TOKEN, Kind.PAN_DATA)
        assert isinstance(answer, c.KeyMade) is not internal
    assert lab.ask(c.NewKey("TMK", size=8)) == REFUSED


def test_every_management_act_leaves_a_record_without_secrets(lab: Laboratory) -> None:
    block = lab.key("ZMK", ZMK, owner="partner")
    lab.ask(c.NewKey("TPK"))
    lab.ask(c.SetState(block, "retired"))
    lab.ask(c.Outbound(seal=c.PanSeal(PAN, b"row")))
    assert [event.operation for event in lab.events] == ["ImportKey", "NewKey", "SetState"]
    text = repr(lab.events)
    for secret in (ZMK.hex(), ZMK.hex().upper(), PAN, repr(ZMK)):
        assert secret not in text


def test_a_terminals_master_key_is_told_under_the_zmk_at_its_birth(lab: Laboratory) -> None:
    zmk = lab.key("ZMK", ZMK)
    made = lab.ask(c.NewKey("TMK", "m/t", under=zmk), Role.OPERATOR)
    assert isinstance(made, c.KeyMade)
    clear = decryptor(Algorithm.TDES, ZMK)(made.wrapped)
    assert kcv(clear).hex().upper().startswith(made.kcv)
    assert lab.events[-1].reason == "under a ZMK"
    assert repr(made.wrapped) not in repr(made)


def test_nothing_but_a_tmk_under_a_zmk_is_told_at_its_birth(lab: Laboratory) -> None:
    zmk, tmk = lab.key("ZMK", ZMK), lab.key("TMK", TMK)
    for request in (
        c.NewKey("TPK", under=zmk),
        c.NewKey("ZMK", under=zmk),
        c.NewKey("TMK", under=tmk),
        c.NewKey("TMK", under=b"D0016K1AE00N0000"),
        c.NewKey("TMK", size=24, under=zmk),
    ):
        assert isinstance(lab.ask(request, Role.OPERATOR), c.Refused)
    assert not [
        event for event in lab.events if event.operation == "NewKey" and event.result == "ok"
    ]


@pytest.mark.parametrize(
    ("usage", "size"), [("ZPK", 8), ("ZPK", 24), ("TAK", 16), ("TAK_X9_19", 8), ("BDK_AES", 15)]
)
def test_a_key_of_another_length_than_its_kind_s_is_refused(usage: str, size: int) -> None:
    lab = Laboratory()
    sizes = Kind[usage].row.sizes
    answer = lab.ask(c.ImportKey(usage, (b"\x3b" * size).hex()), Role.OPERATOR)
    assert isinstance(answer, c.KeyMade if size in sizes else c.Refused)
    assert (lab.reasons == []) is (size in sizes)


def test_a_partner_s_key_of_wrong_parity_is_set_right_and_told() -> None:
    lab = Laboratory()
    even = bytes(byte ^ 1 for byte in ZPK)
    zmk, value = lab.key("ZMK", ZMK), kcv(ZPK)[:3]
    for clear, told in ((ZPK, []), (even, ["parity set right"])):
        lab.events.clear()
        wrapped = encryptor(Algorithm.TDES, ZMK)(clear)
        made = lab.ask(c.ImportUnder(zmk, "ZPK", wrapped, value))
        assert isinstance(made, c.KeyMade)
        assert lab.engine.keys.open(made.block)[1].key == ZPK
        assert [event.reason for event in lab.events if event.reason] == told


def test_a_change_of_state_is_an_act_in_the_log() -> None:
    lab = Laboratory()
    block = lab.key("ZAK", ZPK)
    lab.events.clear()
    lab.ask(c.SetState(block, "retired"), Role.OPERATOR)
    [event] = lab.events
    assert (event.operation, event.result, event.reason) == ("SetState", "ok", "retired")
    assert event.kcv == kcv(ZPK)[:3].hex().upper()
