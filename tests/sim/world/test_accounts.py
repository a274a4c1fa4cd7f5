"""What follows what, and what settlement made of it: each wrong sum is found."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pointsman.sim.book import Book
from pointsman.sim.terminal_rows import Settled
from pointsman.sim.world.accounts import Accounts
from pointsman.sim.world.testimony import JournalRow, PostedRow, Settlement, by_original
from tests.sim.world.witnesses import AT, BATCH, DONE, KEPT, MID, TID

PAYMENT = PostedRow("one", "payment", 1000, day="2026-11-22")
LINES = "record,merchant,terminal,batch,stan,amount\nD,{},{},{},000001,{}\nT,,,,,{}\n"
COUNTED = Settled(AT, MID, TID, BATCH, 1000, 0, 1, 0, "11", 0)


def found(
    journal: Sequence[JournalRow] = (KEPT,),
    posted: Sequence[PostedRow] = (PAYMENT,),
    amount: str = "10.00",
    counted: Settled = COUNTED,
) -> set[str]:
    book = Book()
    book.apply(DONE)
    content = LINES.format(MID, TID, BATCH, amount, amount).encode()
    files = {"2026-11-22": {"merchant-x.csv": content}}
    settlement = Settlement(tuple(posted), files=files)
    accounts = Accounts(journal, by_original(journal), {"alpha": book}, settlement, [counted])
    return {promise for promise, _ in accounts.judge()}


def follow_up(kind: str, stan: int, amount: int) -> JournalRow:
    name = (*KEPT.name[:3], f"{stan:06d}")
    return replace(
        KEPT,
        id=kind + str(stan),
        kind=kind,
        name=name,
        original="one",
        approved_minor=amount,
        host_key=str(stan),
    )


def test_one_posted_sale_agrees_with_its_batch_and_its_file() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("posted", "promise"),
    [
        ((), "P10"),
        ((PAYMENT, PAYMENT), "P10"),
        ((replace(PAYMENT, signed_minor=999),), "P10"),
        ((replace(PAYMENT, signed_minor=1000.0),), "P9"),  # type: ignore[arg-type]  # what must not be
        ((replace(PAYMENT, currency="978"),), "P9"),
    ],
)
def test_a_wrong_posting_is_found(posted: Sequence[PostedRow], promise: str) -> None:
    assert promise in found(posted=posted)


def test_a_file_or_a_batch_that_says_otherwise_is_found() -> None:
    assert found(amount="9.99") == {"P10"}
    assert found(counted=Settled(AT, MID, TID, BATCH, 999, 0, 1, 0, "11", 0)) == {"P9"}


@pytest.mark.parametrize(
    ("kinds", "amounts"),
    [(("void", "void"), (1000, 1000)), (("void", "refund"), (1000, 1)), (("refund",), (1001,))],
)
def test_more_than_may_follow_a_sale_is_found(kinds: Sequence[str], amounts: Sequence[int]) -> None:
    follow_ups = [
        follow_up(kind, stan, amount)
        for stan, (kind, amount) in enumerate(zip(kinds, amounts, strict=True), 2)
    ]
    assert "P8" in found(journal=[KEPT, *follow_ups])
