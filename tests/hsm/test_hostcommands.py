"""The host command front: layouts by the shared messages, and everything it must refuse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm import commands as c
from pointsman.hsm.engine import Engine
from pointsman.hsm.faults import LIMITED, FaultLimit
from pointsman.hsm.hostcommands import COMMANDS, ISSUER_COMMANDS, SWITCH_COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.lmkvariant import VariantLmk
from tests.hsm.laboratory import PAN, PIK, VECTORS, ZAK, ZPK, Laboratory

FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})
REQUESTS = [
    bytes.fromhex(case["in"]["request_hex"])
    if "request_hex" in case["in"]
    else case["in"]["request"].encode()
    for case in FILE["cases"]
]
ALL = Front(HostKeys(bytes, variant=VARIANT, legacy=True), frozenset(COMMANDS))
STRICT = Front(HostKeys(bytes, variant=VARIANT), frozenset(COMMANDS))


def ours(lab: Laboratory, allowed: frozenset[str] = SWITCH_COMMANDS) -> Front:
    engine: Engine = lab.engine
    return Front(HostKeys(engine.world.random, engine.keys, lmk_kcv="ABCDEF"), allowed)


def block_key(block: bytes) -> bytes:
    return b"S" + block


def test_default_profile_allows_nothing() -> None:
    front = Front(HostKeys(bytes, variant=VARIANT), frozenset())
    for code in COMMANDS:
        assert front.answer(code.encode())[2:] == b"68"
    assert ALL.answer(b"XX")[2:] == b"68"
    assert not SWITCH_COMMANDS & ISSUER_COMMANDS


@given(st.binary(max_size=80))
def test_any_bytes_get_an_error_number(data: bytes) -> None:
    assert len(ALL.answer(data)) >= 4


@given(st.sampled_from(REQUESTS), st.data())
def test_changed_commands_get_an_answer_of_their_own_code(
    request_bytes: bytes, data: st.DataObject
) -> None:
    changed = bytearray(request_bytes)
    at = data.draw(st.integers(2, len(changed) - 1))
    changed[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(2, len(changed)))
    answer = ALL.answer(bytes(changed[:end]))
    assert answer[:2] == request_bytes[:1] + bytes((request_bytes[1] + 1,))
    assert answer[2:4].isdigit() or answer[2:4].isalnum()


@pytest.mark.parametrize("name", ["CC-diebold-f0", "DC-ok-single-length-tpk", "FA-zpk-single"])
def test_single_length_keys_and_old_formats_need_the_legacy_policy(name: str) -> None:
    case = next(case for case in FILE["cases"] if case["name"] == name)
    assert STRICT.answer(case["in"]["request"].encode())[2:] == b"27"


def test_our_own_blocks_serve_under_the_usage_policy() -> None:
    lab = Laboratory()
    front = ours(lab)
    tpk, zpk = block_key(lab.key("TPK", PIK)), block_key(lab.key("ZPK", ZPK))
    tail = b"12" + b"0" * 16 + b"0101" + b"621626100000"
    assert front.answer(b"CA" + tpk + zpk + tail) == b"CB20"
    assert front.answer(b"CA" + zpk + zpk + tail) == b"CB28"
    assert front.answer(b"CA" + tpk + tpk + tail) == b"CB28"
    changed = tpk[:-1] + (b"0" if tpk[-1:] != b"0" else b"1")
    assert front.answer(b"CA" + changed + zpk + tail) == b"CBA4"
    mac = front.answer(b"M600131FFF" + block_key(lab.key("ZAK", ZAK)) + b"0003abc")
    assert mac[:4] == b"M700"
    assert len(mac) == 20


def test_variant_keys_need_a_variant_lmk() -> None:
    request = next(case["in"]["request"] for case in FILE["cases"] if case["name"] == "BU-zpk")
    assert ours(Laboratory()).answer(request.encode()) == b"BV13"


def test_left_over_bytes_are_wrong_input_and_a_trailer_is_not() -> None:
    assert ALL.answer(b"B200041234x") == b"B315"
    assert ALL.answer(b"NCx") == b"ND15"
    assert ALL.answer(b"B200041234%01") == b"B3001234"
    assert ALL.answer(b"B200041234\x19trailer") == b"B3001234"


def test_status_and_diagnostics_tell_the_same_firmware() -> None:
    assert ALL.answer(b"NO00") == b"NP0011640007-E00000000"
    assert ALL.answer(b"NO01") == b"NP000"
    assert ALL.answer(b"NO02") == b"NP15"
    assert ALL.answer(b"NO0") == b"NP15"
    assert ALL.answer(b"NO000") == b"NP15"
    assert ours(Laboratory(), frozenset({"NC"})).answer(b"NC") == b"ND00ABCDEF00000000000007-E000"


def test_front_raises_one_alarm_when_a_key_has_used_up_its_faults() -> None:
    alarms: list[int] = []
    limit = FaultLimit(faults_max=2)
    keys = HostKeys(bytes, variant=VARIANT)
    front = Front(keys, SWITCH_COMMANDS, limit, lambda: 0, lambda: alarms.append(1))
    bad = next(request for request in REQUESTS if request[:2] == b"CA")
    bad = bad[:70] + b"0" * 16 + bad[86:]
    assert [front.answer(bad)[2:4] for _ in range(4)] == [b"20", b"20", b"17", b"17"]
    assert alarms == [1]


def test_faults_are_counted_by_the_whole_key_and_with_the_engine_s() -> None:
    """Blocks of keys of one kind begin alike: their first letters say nothing."""
    lab = Laboratory()
    lab.engine.faults.faults_max = 2
    keys = HostKeys(lab.engine.world.random, lab.engine.keys)
    front = Front(keys, SWITCH_COMMANDS, lab.engine.faults, lambda: lab.now_s)
    one, other, zpk = (lab.key(name, clear) for name, clear in KINDS)
    tail = b"S" + zpk + b"12" + b"0" * 16 + b"0101621626100000"
    assert [front.answer(b"CAS" + one + tail)[2:] for _ in range(3)] == [b"20", b"20", b"17"]
    assert front.answer(b"CAS" + other + tail)[2:] == b"20"
    pin = c.PinTranslate(one, zpk, bytes(8), PAN)
    assert lab.ask(c.Outbound(pin=pin)) == LIMITED
    for code in (b"M600131FFFS" + one + b"0000", b"BUFFFS" + one):
        assert front.answer(code)[2:] != b"17"


KINDS = (("TPK", PIK), ("TPK", ZAK), ("ZPK", ZPK))


@pytest.mark.parametrize("request_bytes", REQUESTS, ids=lambda data: data[:2].decode())
def test_nothing_may_stand_behind_a_command(request_bytes: bytes) -> None:
    if ALL.answer(request_bytes)[2:4] in (b"00", b"01"):
        assert ALL.answer(request_bytes + b"~")[2:] == b"15"


def test_padding_and_algorithm_have_numbers_of_their_own() -> None:
    good = next(request for request in REQUESTS if request[:2] == b"M6")
    for at, value, code in ((2, b"1", b"02"), (3, b"3", b"03"), (4, b"2", b"06"), (5, b"2", b"04"),
                            (6, b"3", b"09"), (7, b"4", b"05")):  # fmt: skip
        assert ALL.answer(good[:at] + value + good[at + 1 :])[2:] == code, at
