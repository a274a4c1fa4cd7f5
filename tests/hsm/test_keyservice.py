"""Making, importing, exporting, entering and moving keys, and what each act must refuse."""

import json
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyheader import Header, peek
from pointsman.hsm.keys import Kind, has_equal_parts, kcv, odd_parity
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor, xor_bytes
from tests.hsm.laboratory import MAK, PAN, PIK, TMK, ZAK, ZMK, ZPK, Laboratory

MESSAGES = Path(__file__).parent.parent / "data" / "messages"


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def sign_in(lab: Laboratory, layout: str, **more: object) -> c.TerminalKeys:
    request = c.NewTerminalKeys(lab.key("TMK", TMK), layout, **more)  # type: ignore[arg-type]  # named below
    answer = lab.ask(request)
    assert isinstance(answer, c.TerminalKeys), lab.reasons
    return answer


def open_part(part: bytes) -> bytes:
    return decryptor(Algorithm.TDES, TMK)(part)


def mac_under(lab: Laboratory, tak: bytes, method: MacMethod) -> bytes:
    answer = lab.ask(c.Inbound(None, c.MacMake(tak, method, b"data")))
    assert isinstance(answer, c.InboundDone)
    assert answer.mac is not None
    return answer.mac


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
    assert lab.ask(c.OpenTrack(keys.tdk, "1" * 16)) == MALFORMED
    single = sign_in(lab, "001")
    assert len(single.field62) == 24
    assert single.field62[20:] == kcv(open_part(single.field62[12:20]))[:4]


@pytest.mark.parametrize("layout", ["", "002", "99", "003 "])
def test_unknown_layout_is_malformed(lab: Laboratory, layout: str) -> None:
    assert lab.ask(c.NewTerminalKeys(lab.key("TMK", TMK), layout)) == MALFORMED


def test_zone_master_key_may_not_be_asked_as_terminal_way_out(lab: Laboratory) -> None:
    request = c.NewTerminalKeys(lab.key("TPK", PIK), "003")
    assert lab.ask(request) == REFUSED
    cmac = c.NewTerminalKeys(lab.key("TMK", TMK), "003", method=MacMethod.CMAC)
    assert lab.ask(cmac) == REFUSED
    assert lab.reasons[-1] == "no working key for this MAC under a TDES master key"


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
    out = lab.ask(c.ExportUnder(zmk, zak), Role.OPERATOR)
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
    out = lab.ask(c.ExportUnder(kbpk.block, key.block), Role.OPERATOR)
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
    assert lab.ask(c.ExportUnder(weak, strong.block), Role.OPERATOR) == REFUSED
    assert lab.reasons[-1] == "key block: stronger_key"
    under_zmk = c.ExportUnder(lab.key("ZMK", ZMK), strong.block)
    assert lab.ask(under_zmk, Role.OPERATOR) == REFUSED


@pytest.mark.parametrize("usage", ["ZMK", "TMK", "KBPK"])
def test_wrapping_keys_are_not_exported(lab: Laboratory, usage: str) -> None:
    assert lab.ask(c.ExportUnder(lab.key("ZMK", ZMK), lab.new(usage)), Role.OPERATOR) == REFUSED


def test_states_go_on_and_destroyed_is_the_end(lab: Laboratory) -> None:
    tak, zmk = lab.key("TAK", MAK), lab.key("ZMK", ZMK)
    retired = lab.ask(c.SetState(tak, "retired"))
    assert isinstance(retired, c.KeyMade)
    mac = c.MacCheck(retired.block, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
    assert lab.ask(c.Inbound(mac)) == c.InboundDone(mac_ok=True)
    old_zmk = lab.ask(c.SetState(zmk, "retired"))
    assert isinstance(old_zmk, c.KeyMade)
    assert lab.ask(c.ExportUnder(old_zmk.block, tak), Role.OPERATOR) == REFUSED
    gone = lab.ask(c.SetState(tak, "destroyed"))
    assert isinstance(gone, c.KeyMade)
    check = c.MacCheck(gone.block, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
    assert lab.ask(c.Inbound(check)) == REFUSED
    assert lab.ask(c.SetState(gone.block, "active")) == REFUSED
    assert lab.ask(c.SetState(tak, "stolen")) == MALFORMED


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


PARTS = (bytes(range(16)), bytes(range(16, 32)), b"\x5a" * 16)


def enter(lab: Laboratory, number: int, custodian: str, **more: object) -> c.Answer:
    values = {"usage": "ZMK", "of": 2, "clear_hex": PARTS[number - 1].hex(), "owner": "partner"}
    values |= more
    request = c.Component("entry", number=number, custodian=custodian, **values)  # type: ignore[arg-type]  # all above
    return lab.ask(request, Role.OPERATOR)


def test_two_custodians_make_a_key_that_nobody_saw(lab: Laboratory) -> None:
    first = enter(lab, 1, "ann")
    assert first == c.ComponentTaken(kcv(PARTS[0])[:3].hex().upper(), 1)
    second = enter(lab, 2, "bea")
    assert isinstance(second, c.ComponentTaken)
    assert second.missing == 0
    assert second.made is not None
    expected = odd_parity(xor_bytes(*PARTS[:2]))
    assert second.made.kcv == kcv(expected)[:3].hex().upper()
    assert [event.person for event in lab.events if event.operation == "Component"][:2] == [
        "ann",
        "bea",
    ]


@pytest.mark.parametrize(
    ("number", "custodian", "more"),
    [
        (2, "ann", {}),
        (1, "bea", {}),
        (3, "bea", {}),
        (2, "", {}),
        (2, "bea", {"usage": "TMK"}),
        (2, "bea", {"of": 3}),
        (2, "bea", {"owner": "other"}),
        (2, "bea", {"clear_hex": "00" * 24}),
        (2, "bea", {"clear_hex": "00" * 8}),
    ],
)
def test_component_that_breaks_dual_control_is_refused(
    lab: Laboratory, number: int, custodian: str, more: dict[str, object]
) -> None:
    enter(lab, 1, "ann")
    assert enter(lab, number, custodian, **more) == REFUSED


def test_entry_ends_after_a_quarter_of_an_hour(lab: Laboratory) -> None:
    enter(lab, 1, "ann")
    lab.now_s += 900
    answer = enter(lab, 2, "bea")
    assert isinstance(answer, c.ComponentTaken)
    assert answer.missing == 1


def test_one_component_alone_is_no_entry(lab: Laboratory) -> None:
    assert enter(lab, 1, "ann", of=1) == REFUSED
    assert enter(lab, 1, "ann", of=10) == REFUSED


def test_entries_are_bounded(lab: Laboratory) -> None:
    for number in range(8):
        request = c.Component(f"e{number}", "ZMK", "ann", 1, 2, PARTS[0].hex())
        assert isinstance(lab.ask(request, Role.OPERATOR), c.ComponentTaken)
    request = c.Component("e8", "ZMK", "ann", 1, 2, PARTS[0].hex())
    assert lab.ask(request, Role.OPERATOR) == REFUSED


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
