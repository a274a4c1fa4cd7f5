"""The terminal's own table: it names every kind, and agrees with the golden requests."""

import pytest

from pointsman.sim.pos_types import TYPES, Count, Mark
from pointsman.sim.terminal_rows import Kind
from tests.codecs.golden import golden

GOLDEN = {
    "cup-sale-swipe-pin-req": Kind.SALE,
    "cup-void-req": Kind.VOID,
    "cup-refund-req": Kind.REFUND,
    "cup-balance-chip-req": Kind.BALANCE,
    "cup-preauth-req": Kind.PREAUTH,
    "cup-preauth-cancel-req": Kind.PREAUTH_CANCEL,
    "cup-preauth-complete-req": Kind.COMPLETION,
    "cup-preauth-complete-advice-req": Kind.COMPLETION_ADVICE,
    "cup-preauth-complete-cancel-req": Kind.COMPLETION_CANCEL,
    "cup-offline-sale-advice-req": Kind.OFFLINE,
    "cup-offline-adjust-req": Kind.ADJUST,
    "cup-tip-adjust-req": Kind.TIP,
    "cup-instalment-sale-req": Kind.INSTALMENT,
    "cup-script-result-req": Kind.SCRIPT_RESULT,
}


def test_every_kind_has_its_row() -> None:
    assert TYPES.keys() == set(Kind)


@pytest.mark.parametrize(("name", "kind"), GOLDEN.items())
def test_rows_are_as_the_golden_requests_say(name: str, kind: Kind) -> None:
    given, row = golden(name), TYPES[kind]
    fields = given.fields
    assert (given.mti, fields[3], fields[25]) == (row.mti, row.processing_code, row.condition)
    assert fields[60][:2] == row.type_code
    assert (4 in fields) is not row.silent_ok


def test_what_counts_is_never_a_mere_inquiry_or_hold() -> None:
    counted = {kind for kind, row in TYPES.items() if row.count is not Count.NOTHING}
    assert not any(TYPES[kind].silent_ok for kind in counted)
    assert Kind.PREAUTH not in counted
    assert {TYPES[kind].mark for kind in counted} <= {Mark.NONE, Mark.REFUNDS, Mark.COMPLETES}
