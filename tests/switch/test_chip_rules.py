"""Chip data end to end over TCP: held to its message, passed on byte for byte, scripts back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from trio.testing import MockClock

from pointsman.codecs.tlv import parse_tlv
from tests.codecs.golden import golden
from tests.switch.lives import MERCHANT
from tests.switch.whole import BATCH, MID, TID, Listening, whole

SALE: Mapping[int, str] = {
    n: v for n, v in golden("cup-sale-chip-pin-req").fields.items() if n not in (26, 52, 53)
} | {22: "052"}
CHIP = SALE[55]
REQUIRED = (
    *("9F26", "9F27", "9F10", "9F37", "9F36", "95", "9A", "9C"),
    *("9F02", "5F2A", "82", "9F1A", "9F03", "9F33"),
)
SCRIPTS = "910A0102030405060708303072099F180400000001860071069F1804000000029F36020001"
FLOWS = {
    "sale": ("0200", {}),
    "balance": ("0200", {3: "310000", 60: f"01{BATCH}000600"}),
    "preauth": ("0100", {3: "030000", 25: "06", 60: f"10{BATCH}000600"}),
}


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


def without(chip: str, tag: str) -> str:
    """Return chip data without one tag, the others as they were."""
    return "".join(
        f"{item.tag}{len(item.value):02X}{item.value.hex().upper()}"
        for item in parse_tlv(bytes.fromhex(chip))
        if item.tag != tag
    )


async def test_chip_data_with_unknown_tags_arrives_byte_for_byte(
    clock: MockClock, tmp_path: Path
) -> None:
    chip = "DF7F03AABBCC" + CHIP + "9F7C0A00112233445566778899DF8101020102"
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert (await pos.ask("0200", {**SALE, 55: chip}))[39] == "00"
        (heard,) = house.messages()
        assert heard[55] == chip


async def test_a_card_on_a_device_keeps_its_token_sequence_and_form_factor(
    clock: MockClock, tmp_path: Path
) -> None:
    device = {**golden("cup-sale-contactless-req-real").fields, 41: TID, 42: MID}
    device |= {22: "072", 23: "005", 55: CHIP + "9F6E0420700000", 4: SALE[4]}
    device[60] = device[60][:2] + BATCH + device[60][8:]
    if 14 in device:
        device[14] = "3012"
    device.pop(52, None)
    device.pop(26, None)
    device.pop(53, None)
    device |= {2: SALE[2], 35: SALE[35]}
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert (await pos.ask("0200", device))[39] == "00"
        (heard,) = house.messages()
        assert (heard[2], heard[23]) == (device[2], "005")
        assert heard[55].endswith("9F6E0420700000")


@pytest.mark.parametrize("name", FLOWS)
async def test_a_tag_that_must_be_there_is_missed_in_every_first_request(
    clock: MockClock, tmp_path: Path, name: str
) -> None:
    mti, changes = FLOWS[name]
    asked = {**SALE, **changes}
    if name == "balance":
        del asked[4]
    async with whole(tmp_path) as house, house.terminal() as pos:
        for number, tag in enumerate([*REQUIRED, ""], 1):
            fields = {**asked, 11: f"{number:06d}", 55: without(CHIP, tag)}
            assert (await pos.ask(mti, fields))[39] == ("30" if tag else "00"), tag
        assert len(house.messages()) == 1
        missing = {n: v for n, v in asked.items() if n != 55} | {11: "000999"}
        assert (await pos.ask(mti, missing))[39] == "30"


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("tag", ["9F0206000000010000", "5F2A020156"])
async def test_a_tag_that_contradicts_its_field_is_logged_and_refused_where_wanted(
    clock: MockClock, tmp_path: Path, tag: str, strict: bool
) -> None:
    assert tag in CHIP
    chip = CHIP.replace(tag, tag[:-1] + "9")
    merchant = replace(MERCHANT, strict_chip=strict)
    async with whole(tmp_path, merchant=merchant) as house, house.terminal() as pos:
        assert (await pos.ask("0200", {**SALE, 55: chip}))[39] == ("30" if strict else "00")
        assert [one[55] for one in house.messages()] == ([] if strict else [chip])


@pytest.mark.parametrize("chip", ["9F2608AABB", "9F26", "5F", "84847FFFFFFF"])
async def test_what_is_no_tlv_is_refused(clock: MockClock, tmp_path: Path, chip: str) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert (await pos.ask("0200", {**SALE, 55: chip}))[39] == "30"
        assert house.messages() == []


async def test_scripts_reach_the_card_and_are_not_kept(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert isinstance(house.acquirer.host, Listening)
        house.acquirer.host.chip = SCRIPTS
        answer = await pos.ask("0200", SALE)
        assert (answer[39], answer[55]) == ("00", SCRIPTS)
        row = house.row(SALE[11])
        assert "55" not in row.answer
        assert SCRIPTS not in repr(row)


async def test_the_result_of_scripts_goes_to_the_acquirer(clock: MockClock, tmp_path: Path) -> None:
    result = dict(golden("cup-script-result-req").fields)
    async with whole(tmp_path) as house, house.terminal() as pos:
        sold = await pos.ask("0200", {**SALE, 11: result[61][6:12], 4: SALE[4]})
        told = {**result, 37: sold[37], 61: result[61][:12] + sold[13]}
        assert (await pos.ask("0620", told))[39] == "00"
        await house.quiet()
        heard = house.messages()[-1]
        assert heard.mti == "0620"
        assert "DF31" in heard[55]
