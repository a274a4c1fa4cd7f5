"""Follow-ups of the international dialect with their originals; a void of a refund undoes it."""

from dataclasses import replace

import pytest

from pointsman.store.records import RequestKey, State, Transaction
from pointsman.switch import nii
from pointsman.switch.nii import Meant
from pointsman.switch.nii_originals import joined
from pointsman.switch.reading import read
from pointsman.switch.requests import Refusal, Reversal
from tests.store.house import transaction
from tests.switch.lives import TERMINAL

REFUND = replace(
    transaction(11, kind="refund-request", amount=550, state=State.APPROVED),
    approved_minor=550,
    key=RequestKey(TERMINAL.mid, TERMINAL.tid, TERMINAL.batch, "000011"),
)


def void(amount: int = 550) -> Meant:
    fields = {3: "220000", 4: f"{amount:012d}", 11: "000012", 41: TERMINAL.tid, 42: TERMINAL.mid}
    found = nii.meant("0200", fields, batch=TERMINAL.batch, currency="156")
    assert isinstance(found, Meant)
    assert found.follows
    return found


def test_a_void_of_a_refund_is_its_reversal_by_a_person() -> None:
    found = joined(void(), REFUND, TERMINAL)
    assert isinstance(found, Meant)
    asked = read(found.mti, found.fields)
    assert isinstance(asked, Reversal)
    assert (asked.key.batch, asked.key.stan) == (REFUND.key.batch, "000011")
    assert (asked.amount_minor, asked.reason) == (550, "17")


@pytest.mark.parametrize(
    ("refund", "amount", "code"),
    [
        (None, 550, "25"),
        (replace(REFUND, key=replace(REFUND.key, tid="other")), 550, "25"),
        (replace(REFUND, key=replace(REFUND.key, batch="999999")), 550, "12"),
        (replace(REFUND, state=State.DECLINED), 550, "12"),
        (replace(REFUND, kind="sale"), 550, "12"),
        (REFUND, 551, "64"),
    ],
)
def test_what_is_no_refund_of_its_batch_is_not_voided(
    refund: Transaction | None, amount: int, code: str
) -> None:
    found = joined(void(amount), refund, TERMINAL)
    assert isinstance(found, Refusal)
    assert found.code == code


def test_another_follow_up_names_batch_stan_and_date() -> None:
    found = replace(void(), mti="0200")
    named = joined(found, REFUND, TERMINAL)
    assert isinstance(named, Meant)
    assert named.fields[61] == TERMINAL.batch + "000011" + REFUND.local_date
    assert joined(found, None, TERMINAL) is found
