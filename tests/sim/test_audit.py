"""The audit finds nothing in a sound world, and each planted fault in a spoiled one."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from pointsman.sim.audit import JournalRow, audit
from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostRow, Outcome, Work
from pointsman.sim.terminal_rows import (
    Asked,
    Entry,
    Kind,
    Repeated,
    Settled,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)

AT = "2026-03-15T02:17:35.000+00:00"
MID, TID, BATCH = "898100053310001", "12345678", "000012"


@dataclass
class Sale:
    """One transaction as all three tell it."""

    stan: str
    kind: Kind
    amount_minor: int
    rrn: str
    original: "Sale | None" = None

    def asked(self) -> Asked:
        original = self.original
        return Asked(
            at=AT,
            mid=MID,
            tid=TID,
            batch=BATCH,
            stan=self.stan,
            flow="sale-swipe",
            what=self.kind,
            entry=Entry.SWIPE,
            amount_minor=self.amount_minor,
            currency="156",
            card="visa",
            original_batch=BATCH if original else "",
            original_stan=original.stan if original else "",
            original_rrn=original.rrn if original else "",
        )

    def told(self, code: str = "00") -> Told:
        return Told(
            at=AT,
            mid=MID,
            tid=TID,
            batch=BATCH,
            stan=self.stan,
            code=code,
            approved=code == "00",
            amount_minor=self.amount_minor,
            rrn=self.rrn,
            auth="123456",
        )

    def done(self) -> HostRequest:
        original = self.original
        return HostRequest(
            at=AT,
            key=f"key-{self.stan}",
            mti="0200",
            work=Work(self.kind.value),
            processing_code="000000",
            amount_minor=self.amount_minor,
            currency="156",
            mid=MID,
            tid=TID,
            rrn=original.rrn if original else self.rrn,
            card="411111******1111",
            pin="none",
            outcome=Outcome.APPROVED,
            code="00",
            auth="123456",
            behaviour="answer",
            original=f"key-{original.stan}" if original else "",
        )

    def row(self, state: str = "approved", undo: str = "none") -> JournalRow:
        return JournalRow(
            mid=MID,
            tid=TID,
            batch=BATCH,
            stan=self.stan,
            kind=self.kind.value,
            state=state,
            undo=undo,
            amount_minor=self.amount_minor,
            currency="156",
            rrn=self.rrn,
            auth="123456",
        )


SALE = Sale("000001", Kind.SALE, 10_000, "R1")
OTHER = Sale("000002", Kind.SALE, 5_000, "R2")
VOID = Sale("000003", Kind.VOID, 5_000, "R3", OTHER)
REFUND = Sale("000004", Kind.REFUND, 2_000, "R4", SALE)
AGAIN = Sale("000005", Kind.REFUND, 1_000, "R5", SALE)
SILENT = Sale("000006", Kind.SALE, 7_098, "R6")
ALL = (SALE, OTHER, VOID, REFUND, AGAIN)
NET = 7_000


def reversal(sale: Sale, effect: Effect = Effect.UNDONE, key: str = "key-r") -> HostReversal:
    return HostReversal(
        at=AT,
        key=key,
        mti="0420",
        original=f"key-{sale.stan}",
        amount_minor=sale.amount_minor,
        mid=MID,
        tid=TID,
        rrn=sale.rrn,
        reason="68",
        effect=effect,
        code="00",
        behaviour="answer",
    )


def settled(net: int = NET, results: str = "11") -> Settled:
    return Settled(AT, MID, TID, BATCH, net + 3_000, 3_000, 1, 2, results, 0)


@dataclass
class World:
    """What the three tell, free to be spoiled."""

    terminals: list[TerminalRow] = field(default_factory=list)
    acquirer: list[HostRow] = field(default_factory=list)
    journal: list[JournalRow] = field(default_factory=list)
    journal_minor: int = NET

    def audit(self) -> Findings:
        return audit(self.terminals, {"alpha": self.acquirer}, self.journal, self.journal_minor)


def sound_world() -> World:
    world = World()
    for one in ALL:
        world.terminals += [one.asked(), one.told()]
        world.acquirer.append(one.done())
        world.journal.append(one.row())
    # A sale that the host did and never answered: told 98, reversed once.
    world.terminals += [SILENT.asked(), SILENT.told("98"), settled()]
    world.acquirer += [SILENT.done(), reversal(SILENT)]
    world.journal.append(SILENT.row("unknown", "done"))
    return world


def test_a_sound_world_has_no_fault() -> None:
    found = sound_world().audit()
    assert found.faults == dict.fromkeys(found.faults, 0)
    assert (found.terminals_minor, found.journal_minor, found.acquirers_minor) == (NET, NET, NET)
    assert found.ok


def test_an_approval_that_the_terminal_itself_took_back_is_no_fault() -> None:
    world = sound_world()
    late = Sale("000007", Kind.SALE, 900, "R7")
    world.terminals += [
        late.asked(),
        late.told(),
        UndoDue(AT, MID, TID, BATCH, late.stan, "96"),
        UndoTried(AT, MID, TID, BATCH, late.stan, 1, "00", True),
    ]
    world.acquirer += [late.done(), reversal(late, key="key-r7")]
    world.journal.append(late.row("approved", "done"))
    assert world.audit().ok


def drop_from_journal(world: World) -> None:
    world.journal.pop(0)


def other_auth_in_journal(world: World) -> None:
    world.journal[0] = msgspec.structs.replace(world.journal[0], auth="999999")


def other_amount_in_journal(world: World) -> None:
    world.journal[0] = msgspec.structs.replace(world.journal[0], approved_minor=9_999)


def declined_in_journal(world: World) -> None:
    world.journal[0] = msgspec.structs.replace(world.journal[0], state="declined")


def reversed_in_journal(world: World) -> None:
    world.journal[0] = msgspec.structs.replace(world.journal[0], undo="done")


def reversed_at_host(world: World) -> None:
    world.acquirer[3:5] = []
    world.acquirer.append(reversal(SALE, key="key-x"))


def never_at_host(world: World) -> None:
    world.acquirer.remove(AGAIN.done())


def not_reversed(world: World) -> None:
    world.acquirer.pop()


def not_final(world: World) -> None:
    world.journal[-1] = msgspec.structs.replace(world.journal[-1], undo="owed")


def still_sending(world: World) -> None:
    world.journal.append(Sale("000009", Kind.SALE, 1, "R9").row("sending"))


def other_amount_at_host(world: World) -> None:
    world.acquirer[0] = msgspec.structs.replace(SALE.done(), amount_minor=10_001)


def approved_otherwise_at_host(world: World) -> None:
    world.acquirer[0] = msgspec.structs.replace(SALE.done(), approved_minor=10_001)


def other_currency_at_host(world: World) -> None:
    world.acquirer[0] = msgspec.structs.replace(SALE.done(), currency="840")


def twice_at_host(world: World) -> None:
    world.acquirer.append(msgspec.structs.replace(SALE.done(), key="key-again"))


def copy_at_host(world: World) -> None:
    copy = msgspec.structs.replace(SALE.done(), outcome=Outcome.DUPLICATE, code="94")
    world.acquirer.append(copy)


def refunded_twice_at_host(world: World) -> None:
    world.acquirer.append(msgspec.structs.replace(REFUND.done(), key="key-again"))


def undone_again(world: World) -> None:
    world.acquirer.append(reversal(SILENT, Effect.AGAIN, "key-r2"))


def repeat_answered_otherwise(world: World) -> None:
    world.terminals.append(Repeated(AT, MID, TID, BATCH, SALE.stan, "05", same=False))


def no_answer_at_all(world: World) -> None:
    world.terminals.append(Sale("000010", Kind.SALE, 100, "").asked())


def refund_never_known(world: World) -> None:
    refund = Sale("000011", Kind.REFUND, 100, "R11", SALE)
    world.terminals += [refund.asked(), refund.told("98")]


def reversal_never_acknowledged(world: World) -> None:
    late = Sale("000012", Kind.SALE, 100, "")
    world.terminals += [
        late.asked(),
        UndoDue(AT, MID, TID, BATCH, late.stan, "98"),
        UndoTried(AT, MID, TID, BATCH, late.stan, 1, "", False),
    ]


def batch_unequal(world: World) -> None:
    world.terminals[-1] = settled(results="12")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (drop_from_journal, "told_but_missing"),
        (other_auth_in_journal, "told_but_missing"),
        (other_amount_in_journal, "told_but_missing"),
        (declined_in_journal, "told_but_missing"),
        (reversed_in_journal, "wrongly_reversed"),
        (reversed_at_host, "told_without_host"),
        (never_at_host, "told_without_host"),
        (not_reversed, "in_doubt_unreversed"),
        (refunded_twice_at_host, "in_doubt_unreversed"),
        (not_final, "in_limbo"),
        (still_sending, "in_limbo"),
        (other_amount_at_host, "crossed"),
        (approved_otherwise_at_host, "crossed"),
        (other_currency_at_host, "crossed"),
        (twice_at_host, "doubled"),
        (copy_at_host, "doubled"),
        (undone_again, "undone_twice"),
        (repeat_answered_otherwise, "repeats_wrong"),
        (no_answer_at_all, "terminals_open"),
        (refund_never_known, "terminals_open"),
        (reversal_never_acknowledged, "terminals_open"),
        (batch_unequal, "settlements_unequal"),
    ],
)
def test_each_planted_fault_is_found(spoil: Callable[[World], None], fault: str) -> None:
    world = sound_world()
    spoil(world)
    found = world.audit()
    assert found.faults[fault] > 0
    assert found.names[fault]
    assert not found.ok


def test_an_order_may_be_closed_again() -> None:
    world = sound_world()
    asked = world.acquirer.index(SILENT.done())
    world.acquirer[asked] = msgspec.structs.replace(SILENT.done(), work=Work.ORDER)
    undone_again(world)
    assert world.audit().faults["undone_twice"] == 0


@pytest.mark.parametrize("journal_minor", [NET - 1, NET + 1, 0])
def test_sums_that_differ_by_one_are_not_balanced(journal_minor: int) -> None:
    world = sound_world()
    world.journal_minor = journal_minor
    found = world.audit()
    assert not found.balanced
    assert not found.ok


@pytest.mark.parametrize(("state", "is_final"), [("declined", True), ("approved", False)])
def test_what_was_cancelled_before_it_was_declined_is_final(state: str, is_final: bool) -> None:
    world = sound_world()
    world.journal.append(Sale("900001", Kind.SALE, 1, "").row(state, "closed"))
    assert (world.audit().in_limbo == 0) is is_final


def test_only_so_many_places_are_named() -> None:
    world = sound_world()
    world.journal.extend(Sale(f"9{n:05d}", Kind.SALE, 1, "").row("sending") for n in range(50))
    found = world.audit()
    assert found.in_limbo == 50
    assert len(found.names["in_limbo"]) == 20
