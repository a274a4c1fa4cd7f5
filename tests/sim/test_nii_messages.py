"""Messages of the international dialect agree with the golden ones, and answers are judged."""

import pytest
from msgspec.structs import replace

from pointsman.codecs.codec import get_codec
from pointsman.sim import nii_messages
from pointsman.sim.device import Device
from pointsman.sim.flows import NII, request
from pointsman.sim.items import Item
from pointsman.sim.pos_answers import Verdict
from pointsman.sim.terminal_options import TEST_PIK
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin, SignedIn, Told
from tests.codecs.golden import golden

CODEC = get_codec("nii-bcd")
AT = "2026-03-15T02:17:35"


def asked(what: Kind, entry: Entry = Entry.CHIP, stan: str = "000501") -> Asked:
    return Asked(
        at=AT,
        mid="898100053310001",
        tid="12345678",
        batch="000012",
        stan=stan,
        flow=what.value,
        what=what,
        entry=entry,
        amount_minor=1_234,
        currency="156",
        card="visa",
    )


def told(request: Asked) -> Told:
    return Told(
        AT, request.mid, request.tid, request.batch, request.stan, "00", True, 1_234, "R1", "A1"
    )


def test_a_sale_has_the_fields_of_the_golden_one() -> None:
    mti, fields = nii_messages.request(asked(Kind.SALE), bytes(12))
    wanted = golden("nii-sale-repeat-0201-req").fields
    assert mti == "0200"
    # The golden terminal leaves out 2, 14 and 23, which the track and the chip repeat.
    assert fields.keys() - {2, 14, 23} == wanted.keys()
    assert {n: fields[n] for n in (3, 4, 11, 24, 25, 41, 42)} == {
        n: wanted[n] for n in (3, 4, 11, 24, 25, 41, 42)
    }


def test_cash_is_a_sale_by_another_processing_code() -> None:
    _, sale = nii_messages.request(asked(Kind.SALE), bytes(12))
    mti, cash = nii_messages.request(asked(Kind.CASH), bytes(12))
    assert (mti, cash[3]) == ("0200", "010000")
    assert {n for n in cash if cash[n] != sale[n]} == {3, 55}  # 9C says it too


def test_a_void_quotes_what_the_golden_one_quotes() -> None:
    void = replace(
        asked(Kind.VOID, Entry.SWIPE, "000502"),
        original_rrn="070541981959",
        original_auth="600976",
        original_minor=1_234,
        original_stan="000009",
    )
    mti, fields = nii_messages.request(void, bytes(12))
    wanted = golden("nii-void-req-real").fields
    assert (mti, fields[3]) == ("0200", wanted[3])
    assert fields.keys() | {12, 13} == wanted.keys()
    assert (fields[37], fields[38], fields[60], fields[62]) == (
        wanted[37], wanted[38], f"{1_234:012d}", "000009",
    )  # fmt: skip
    _, odd = nii_messages.request(replace(void, stan="000503"), bytes(12))
    assert (fields.keys() - odd.keys(), odd[62]) == ({37}, "000009"), "by its invoice alone"


def test_a_pin_is_sent_where_there_is_a_key_for_it() -> None:
    sale = replace(asked(Kind.SALE, Entry.SWIPE), pin=Pin.RIGHT)
    assert 52 not in nii_messages.request(sale, bytes(12))[1]
    right, wrong = (
        nii_messages.request(replace(sale, pin=pin), bytes(12), TEST_PIK)[1][52]
        for pin in (Pin.RIGHT, Pin.WRONG)
    )
    assert len(right) == 16
    assert right != wrong


def test_a_reversal_names_its_request_by_its_stan() -> None:
    item = Item(asked(Kind.SALE, Entry.SWIPE), undo_reason="98")
    fields = nii_messages.reversal(item)
    assert fields.keys() == golden("nii-reversal-req-real").fields.keys()
    assert fields[11] == "000501"


@pytest.mark.parametrize("what", nii_messages.TYPES)
@pytest.mark.parametrize("entry", [Entry.SWIPE, Entry.CHIP, Entry.KEYED])
def test_every_type_can_be_said(what: Kind, entry: Entry) -> None:
    mti, fields = nii_messages.request(asked(what, entry), bytes(12))
    read = CODEC.decode(CODEC.encode(mti, fields))
    assert dict(read.fields.items()).keys() == fields.keys()
    assert (4 in fields) is (what is not Kind.BALANCE)


def test_every_flow_of_the_mixture_is_of_a_type_that_the_dialect_has() -> None:
    device = Device("898100053310001", "12345678")
    for flow in NII:
        if flow.value != "echo":
            assert request(flow, device, lambda sides: sides - 1, AT).what in nii_messages.TYPES


def test_totals_and_uploads_are_the_golden_ones_shape() -> None:
    device = Device("898100053310001", "12345678")
    device.apply(SignedIn(AT, device.mid, device.tid, "000012", "00"))
    items = []
    for stan in ("000501", "000502"):
        row = asked(Kind.SALE, stan=stan)
        device.apply(row)
        device.apply(told(row))
        items.append(device.items[row.batch, stan])
    mti, fields = nii_messages.settlement(device, nii_messages.TRAILER)
    wanted = golden("nii-settlement-trailer-960000-req").fields
    assert (mti, fields.keys(), fields[3], fields[60]) == (
        "0500", wanted.keys(), wanted[3], wanted[60],
    )  # fmt: skip
    assert bytes.fromhex(fields[63]) == b"002" + b"000000002468" + b"000" + b"0" * 12
    uploads = list(nii_messages.uploads(device, items))
    assert [fields[3] for _, fields in uploads] == ["000001", "000000"]
    upload = golden("nii-tc-upload-0320-req").fields
    assert uploads[0][1].keys() | {12, 13, 38} == upload.keys()
    assert uploads[0][1][60] == upload[60]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.TRUE),
        ({4: "000000000001"}, Verdict.NOT_OURS),
        ({11: "000502"}, Verdict.NOT_OURS),
        ({41: "99999999"}, Verdict.NOT_OURS),
    ],
)
def test_an_answer_is_ours_by_what_it_echoes(changes: dict[int, str], verdict: Verdict) -> None:
    _, fields = nii_messages.request(asked(Kind.SALE), bytes(12))
    echoed = {n: fields[n] for n in (3, 4, 11, 24, 41)} | {39: "00", 37: "607400000001"}
    answer = CODEC.decode(CODEC.encode("0210", echoed | changes))
    assert nii_messages.judge(answer, fields) is verdict
