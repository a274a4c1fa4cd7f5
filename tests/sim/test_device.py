"""What a simulated terminal remembers, by rows and by a model with sums kept apart."""

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from pointsman.sim.device import Device
from pointsman.sim.terminal_rows import (
    TERMINAL_ROWS,
    Asked,
    Entry,
    Kind,
    Settled,
    SignedIn,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)

MID, TID = "898100053310001", "12345678"


def signed_in(batch: str) -> SignedIn:
    return SignedIn("", MID, TID, batch, "00")


def ended(batch: str) -> Settled:
    return Settled("", MID, TID, batch, 0, 0, 0, 0, "11", 0)


def asked(device: Device, what: Kind, amount: int, original: Asked | None = None) -> Asked:
    return Asked(
        at="",
        mid=MID,
        tid=TID,
        batch=device.batch,
        stan=device.next_stan(),
        flow="sale-swipe",
        what=what,
        entry=Entry.SWIPE,
        amount_minor=amount,
        currency="156",
        card="visa" if amount % 2 else "union-16",
        original_batch=original.batch if original else "",
        original_stan=original.stan if original else "",
    )


def told(request: Asked, code: str = "00") -> Told:
    return Told(
        at="",
        mid=MID,
        tid=TID,
        batch=request.batch,
        stan=request.stan,
        code=code,
        approved=code == "00",
        amount_minor=request.amount_minor,
        rrn=f"R{request.stan}",
    )


def undo_due(request: Asked) -> UndoDue:
    return UndoDue("", MID, TID, request.batch, request.stan, "98")


def undo_tried(request: Asked, attempt: int, *, settled: bool) -> UndoTried:
    code = "00" if settled else ""
    return UndoTried("", MID, TID, request.batch, request.stan, attempt, code, settled)


def test_numbers_go_on_after_a_restart_and_wrap() -> None:
    device = Device(MID, TID)
    device.apply(asked(device, Kind.SALE, 100))
    again = Device(MID, TID)
    again.apply(asked(device, Kind.SALE, 100))
    assert again.next_stan() == "000003"
    again.stan = 999_999
    assert again.next_stan() == "000001"


def test_a_reversal_is_owed_until_it_is_settled() -> None:
    device = Device(MID, TID)
    sale = asked(device, Kind.SALE, 100)
    device.apply(sale)
    assert [item.asked for item in device.unanswered()] == [sale]
    device.apply(undo_due(sale))
    device.apply(undo_tried(sale, 1, settled=False))
    assert [item.undo_attempts for item in device.owed_reversals()] == [1]
    device.apply(undo_tried(sale, 2, settled=True))
    assert device.owed_reversals() == []
    assert device.unanswered() == []


@pytest.mark.parametrize("code", ["98", "96"])
def test_a_refund_stays_open_until_its_result_is_known(code: str) -> None:
    device = Device(MID, TID)
    sale = asked(device, Kind.SALE, 100)
    refund = asked(device, Kind.REFUND, 40, sale)
    for row in (sale, told(sale), refund, told(refund, code)):
        device.apply(row)
    assert len(device.refunds_to_repeat()) == 1
    assert device.refundable() == []  # one follow-up at a time
    device.apply(told(refund))
    assert device.refunds_to_repeat() == []
    assert [i.amount_minor - i.refunded_minor for i in device.refundable()] == [60]


def test_a_sale_refunded_in_part_is_not_voided() -> None:
    device = Device(MID, TID)
    sale = asked(device, Kind.SALE, 100)
    device.apply(sale)
    device.apply(told(sale))
    assert len(device.voidable()) == 1
    refund = asked(device, Kind.REFUND, 40, sale)
    device.apply(refund)
    device.apply(told(refund))
    assert device.voidable() == []


def test_a_new_batch_forgets_what_is_done_and_keeps_what_is_refundable() -> None:
    device = Device(MID, TID)
    device.apply(signed_in("000012"))
    sale, declined = asked(device, Kind.SALE, 100), asked(device, Kind.SALE, 200)
    silent = asked(device, Kind.SALE, 300)
    for row in (sale, told(sale), declined, told(declined, "51"), silent, undo_due(silent)):
        device.apply(row)
    device.apply(signed_in("000012"))
    assert len(device.items) == 3
    device.apply(ended("000012"))
    device.apply(signed_in("000013"))
    assert device.left == ""
    assert {key[1] for key in device.items} == {sale.stan, silent.stan}
    assert device.voidable() == []
    assert len(device.refundable()) == 1
    assert device.totals(domestic=True).debit_minor == 0


def test_a_batch_that_the_switch_replaced_is_remembered_until_its_end_is_heard() -> None:
    device = Device(MID, TID)
    device.apply(signed_in("000012"))
    sale, declined = asked(device, Kind.SALE, 100), asked(device, Kind.SALE, 200)
    for row in (sale, told(sale), declined, told(declined, "51"), signed_in("000013")):
        device.apply(row)
    assert device.left == "000012"
    assert [item.asked.stan for item in device.in_closed()] == [sale.stan]
    device.apply(signed_in("000014"))
    assert device.left == "000012", "an unused one is not remembered in its place"
    assert device.totals(domestic=True, batch="000012").debit_minor == 100
    assert len(list(device.of_batch())) == 0
    device.apply(ended("000012"))
    assert device.left == ""


class TotalsAgree(RuleBasedStateMachine):
    """Sales, voids, refunds and reversals against totals kept apart; the file gives the same."""

    sales = Bundle("sales")

    def __init__(self) -> None:
        super().__init__()
        self.device = Device(MID, TID)
        self.rows: list[TerminalRow] = []
        self.debit = {True: 0, False: 0}
        self.credit = {True: 0, False: 0}
        self.left: dict[str, int] = {}
        self.tell(signed_in("000012"))

    def tell(self, *rows: TerminalRow) -> None:
        for row in rows:
            self.device.apply(row)
            self.rows.append(row)

    @rule(target=sales, amount=st.integers(1, 1_000), code=st.sampled_from(["00", "51"]))
    def sell(self, amount: int, code: str) -> Asked:
        sale = asked(self.device, Kind.SALE, amount)
        self.tell(sale, told(sale, code))
        if code == "00":
            self.debit[amount % 2 == 0] += amount
            self.left[sale.stan] = amount
        return sale

    @rule(sale=sales, reversed_=st.booleans())
    def void(self, sale: Asked, reversed_: bool) -> None:
        if all(item.asked != sale for item in self.device.voidable()):
            return
        void = asked(self.device, Kind.VOID, sale.amount_minor, sale)
        self.tell(void, told(void))
        if reversed_:
            self.tell(undo_due(void), undo_tried(void, 1, settled=True))
            return
        self.debit[sale.amount_minor % 2 == 0] -= sale.amount_minor
        del self.left[sale.stan]

    @rule(sale=sales, part=st.integers(1, 1_000))
    def refund(self, sale: Asked, part: int) -> None:
        fit = [item for item in self.device.refundable() if item.asked == sale]
        assert bool(fit) is (self.left.get(sale.stan, 0) > 0) or len(self.left) > 20
        if not fit:
            return
        amount = min(part, self.left[sale.stan])
        refund = asked(self.device, Kind.REFUND, amount, sale)
        refund = msgspec.structs.replace(refund, card=sale.card)
        self.tell(refund, told(refund))
        self.credit[sale.amount_minor % 2 == 0] += amount
        self.left[sale.stan] -= amount

    @rule(sale=sales)
    def reverse(self, sale: Asked) -> None:
        if self.left.get(sale.stan) != sale.amount_minor:
            return
        self.tell(undo_due(sale), undo_tried(sale, 1, settled=True))
        self.debit[sale.amount_minor % 2 == 0] -= sale.amount_minor
        del self.left[sale.stan]

    @invariant()
    def totals_agree(self) -> None:
        for domestic in (True, False):
            totals = self.device.totals(domestic=domestic)
            assert totals.debit_minor == self.debit[domestic]
            assert totals.credit_minor == self.credit[domestic]

    def teardown(self) -> None:
        again = Device(MID, TID)
        for row in self.rows:
            again.apply(TERMINAL_ROWS.decode(msgspec.json.encode(row)))
        assert again.totals(domestic=True) == self.device.totals(domestic=True)
        assert again.batch == self.device.batch


TestTotalsAgree = TotalsAgree.TestCase
TestTotalsAgree.settings = settings(max_examples=40, stateful_step_count=20)
