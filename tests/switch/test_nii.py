"""Messages of the international dialect as the terminals' own: golden ones, and what is none."""

import pytest

from pointsman.store.verbs import BatchTotals, SideTotals
from pointsman.switch import nii, reading
from pointsman.switch.nii import Meant
from pointsman.switch.requests import BatchEnd, Payment, Refusal, Reversal, Settle, Upload
from tests.codecs.golden import golden

BATCH, CURRENCY = "000012", "156"


def meant(name: str, **changes: str | None) -> Meant | Refusal:
    given = golden(name)
    fields = dict(given.fields)
    for field, value in changes.items():
        if value is None:
            fields.pop(int(field[1:]), None)
        else:
            fields[int(field[1:])] = value
    return nii.meant(given.mti, fields, batch=BATCH, currency=CURRENCY)


def read(found: Meant | Refusal) -> object:
    assert isinstance(found, Meant)
    return reading.read(found.mti, found.fields)


@pytest.mark.parametrize(
    ("name", "changes", "flow"),
    [
        ("nii-sale-repeat-0201-req", {}, "sale"),
        ("nii-sale-repeat-0201-req", {"f25": "08"}, "sale"),
        ("nii-sale-repeat-0201-req", {"f25": "06"}, "preauth"),
        ("nii-void-req-real", {}, "void"),
        ("nii-void-req-real", {"f3": "200000"}, "refund-request"),
    ],
)
def test_a_golden_request_is_the_type_that_it_is(
    name: str, changes: dict[str, str], flow: str
) -> None:
    payment = read(meant(name, **changes))
    assert isinstance(payment, Payment)
    assert payment.flow.name == flow
    assert payment.refusal is None
    assert (payment.key.batch, payment.currency) == (BATCH, CURRENCY)
    assert payment.amount_minor == int(golden(name).fields[4])


def test_a_golden_reversal_undoes_the_request_of_its_stan() -> None:
    undo = read(meant("nii-reversal-req-real"))
    assert isinstance(undo, Reversal)
    assert (undo.key.stan, undo.key.batch, undo.amount_minor) == ("000010", BATCH, 100)


def test_a_golden_upload_is_one_item_of_its_original() -> None:
    upload = read(meant("nii-tc-upload-0320-req"))
    assert isinstance(upload, Upload)
    (item,) = upload.items
    assert (item.stan, item.amount_minor, item.last4) == ("000501", 1234, "1111")


def test_totals_and_trailer_of_the_golden_settlement() -> None:
    fields = golden("nii-settlement-trailer-960000-req").fields
    found = nii.totals(fields)
    assert found == nii.Totals(1, 1234, 0, 0)
    end = read(nii.batch_end(fields, fields[60], 1))
    assert end == BatchEnd(BATCH, 1)
    settle = read(nii.settlement(fields, fields[60], "0" * 62))
    assert isinstance(settle, Settle)


@pytest.mark.parametrize("text", ["", "3030", "3x" * 30, "30" * 29, "2d31" * 15])
def test_what_is_no_totals_is_none(text: str) -> None:
    assert nii.totals({63: text.replace("x", "a")} if text else {}) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"f3": "210000"}, "40"),
        ({"f3": None}, "40"),
        ({"f52": "0" * 16}, "30"),
    ],
)
def test_what_is_not_supported_is_refused(changes: dict[str, str | None], code: str) -> None:
    found = meant("nii-sale-repeat-0201-req", **changes)
    assert isinstance(found, Refusal)
    assert found.code == code


def test_an_upload_without_original_is_refused() -> None:
    assert isinstance(meant("nii-tc-upload-0320-req", f60="0200"), Refusal)
    assert isinstance(meant("nii-tc-upload-0320-req", f60="0200-00501" + 12 * " "), Refusal)


def test_the_answer_has_the_golden_fields() -> None:
    golden_answer = golden("nii-sale-resp-approved-real").fields
    request = golden("nii-sale-chip-req-real").fields
    answer = {n: golden_answer[n] for n in (3, 4, 11, 12, 13, 37, 38, 39, 41)}
    mti, fields = nii.told("0200", request, {**answer, 15: "0403", 44: "x", 63: "MCC"})
    assert mti == "0210"
    assert fields == golden_answer


@pytest.mark.parametrize(
    ("results", "code"), [("11", "00"), ("12", "95"), ("22", "95"), ("33", "77")]
)
def test_results_of_both_sides_are_one_code(results: str, code: str) -> None:
    assert nii.settled("0" * 30 + results[0] + "0" * 30 + results[1]) == code


@pytest.mark.parametrize(
    ("given", "told"), [("000000000100", "000000000100"), ("100", "0" * 12), (None, "0" * 12)]
)
def test_a_tip_takes_its_own_part_from_field_54(given: str | None, told: str) -> None:
    fields = {3: "022000", 4: "000000001100", 11: "000001", 37: "632600000001", 41: "1", 42: "2"}
    if given is not None:
        fields[54] = given
    found = nii.meant("0220", fields, batch="000001", currency="156")
    assert isinstance(found, nii.Meant)
    assert found.fields[48] == told


def test_counts_that_three_digits_cannot_say_are_told_as_999() -> None:
    ours = BatchTotals(SideTotals(700_000, 1_234, 100, 2), SideTotals(1_000, 1))
    said = BatchTotals(SideTotals(701_000, 999, 100, 2), SideTotals())
    assert nii.together(ours) == nii.together(said)
    settle = read(
        nii.settlement({11: "000900", 41: "T" * 8, 42: "M" * 15}, BATCH, nii.figures(ours))
    )
    assert isinstance(settle, Settle)
    assert settle.claimed.domestic == SideTotals(700_000, 999, 100, 2)
