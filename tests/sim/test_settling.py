"""A batch is closed: totals, uploads where they differ, certificates, end, next sign-in."""

from pathlib import Path

import pytest

from pointsman.codecs.codec import Message
from pointsman.sim.flow_names import Flow
from pointsman.sim.terminal_rows import Settled
from tests.sim.scripted import Switch, fleet, rows, switch


def codes(made: Switch) -> list[str]:
    return [(m.get(60) or "")[8:11] for m in made.asked if m.mti in {"0500", "0320"}]


async def test_a_balanced_batch_sends_certificates_and_end(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        await fleet(made, ledger, Flow.SALE_CHIP, count=2, settle_at_end=True).run()
    assert codes(made) == ["201", "203", "203", "207"]
    sums = sum(int(m[4]) for m in made.of("0200"))
    (row,) = [r for r in rows(ledger) if isinstance(r, Settled)]
    assert (row.debit_minor, row.debit_count, row.results) == (sums, 2, "11")
    assert [m.mti for m in made.asked][-1] == "0800"


async def test_an_unequal_side_is_uploaded_eight_by_eight(tmp_path: Path) -> None:
    async with switch(Switch(results="22")) as made:
        await fleet(made, tmp_path / "t.jsonl", count=11, settle_at_end=True).run()
    ends = codes(made)
    assert ends[0] == "201"
    assert ends[-1] == "202"
    uploads = [m for m in made.of("0320") if (m.get(60) or "")[8:11] == "201"]
    assert sum(int(m[48][:2]) for m in uploads) == 11
    assert max(int(m[48][:2]) for m in uploads) <= 8
    details = [m[48][2 + 40 * n :][:40] for m in uploads for n in range(int(m[48][:2]))]
    assert sorted(d[2:8] for d in details) == sorted(m[11] for m in made.of("0200"))
    assert sum(int(d[28:40]) for d in details) == sum(int(m[4]) for m in made.of("0200"))


async def test_refunds_of_an_unequal_side_are_uploaded_as_they_were(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(results="22")) as made:
        await fleet(made, ledger).run()
        await fleet(made, ledger, Flow.REFUND, settle_at_end=True).run()
    (refund,) = made.of("0220")
    uploads = [m for m in made.of("0320") if m.get(3) == "200000"]
    assert len(uploads) == 1
    assert {n: v for n, v in refund.fields.items() if n != 64} == dict(uploads[0].fields)


async def test_voided_sales_count_nowhere(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        await fleet(made, ledger).run()
        await fleet(made, ledger, Flow.VOID, settle_at_end=True).run()
    (request,) = made.of("0500")
    assert set(request[48]) == {"0"}


@pytest.mark.parametrize("lost", ["0500", "0320"])
async def test_an_answer_that_is_lost_is_asked_for_again(tmp_path: Path, lost: str) -> None:
    class Deaf(Switch):
        deaf = True

        def answer(self, message: Message) -> bytes | None:
            if message.mti == lost and self.deaf:
                self.deaf = False
                return None
            return super().answer(message)

    async with switch(Deaf()) as made:
        await fleet(made, tmp_path / "t.jsonl", settle_at_end=True).run()
    assert any(isinstance(r, Settled) for r in rows(tmp_path / "t.jsonl"))
    assert made.batch == 13


async def test_a_batch_that_the_switch_replaced_is_ended_late_by_its_own_number(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(results="22")) as made:
        await fleet(made, ledger, Flow.SALE_SWIPE, count=2).run()
        made.batch += 1
        await fleet(made, ledger, Flow.SALE_SWIPE, count=1, settle_at_end=True).run()
    named = [(m.mti, (m.get(60) or "")[2:11]) for m in made.asked if m.mti in {"0500", "0320"}]
    of = [f"0000{batch}{code}" for batch in (12, 13) for code in ("201", "201", "202")]
    assert [name for _, name in named] == of
    settled = [r for r in rows(ledger) if isinstance(r, Settled)]
    assert [(row.batch, row.debit_count) for row in settled] == [("000012", 2), ("000013", 1)]


async def test_of_two_batches_that_were_replaced_the_newer_one_is_ended(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        for _ in range(2):
            await fleet(made, ledger, Flow.SALE_SWIPE, count=2).run()
            made.batch += 1
        await fleet(made, ledger, Flow.SALE_SWIPE, count=0, settle_at_end=True).run()
    ended = [row for row in rows(ledger) if isinstance(row, Settled)]
    assert [(row.batch, row.debit_count) for row in ended] == [("000013", 2), ("000014", 0)]
