"""One simulated terminal against a scripted switch: what it sends, believes, reverses, keeps."""

from collections import deque
from pathlib import Path

import pytest
import trio

from pointsman.codecs.codec import Message
from pointsman.sim.flow_names import Flow
from pointsman.sim.pos_messages import Sealing
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.sim.terminal_rows import Repeated, Told, UndoDue, UndoTried
from tests.sim.scripted import CODEC, DROP, SILENT, Switch, fleet, kinds, rows, switch


async def test_a_sale_is_asked_told_and_written_down(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        summary = await fleet(made, ledger).run()
    assert kinds(ledger) == ["Asked", "Told"]
    assert (summary.approved, summary.owed) == (1, 0)
    sale = made.of("0200")[0]
    assert sale[60][2:8] == "000012"
    assert "6216" not in ledger.read_text()


@pytest.mark.parametrize("silence", [SILENT, DROP])
async def test_silence_is_reversed_before_the_next_transaction(
    tmp_path: Path, silence: str
) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(script=deque([silence]))) as made:
        await fleet(made, ledger, count=2).run()
    assert kinds(ledger) == ["Asked", "UndoDue", "UndoTried", "Asked", "Told"]
    first, reversal = made.of("0200")[0], made.of("0400")[0]
    assert [reversal.get(n) for n in (3, 4, 11, 41, 42, 60)] == [
        first.get(n) for n in (3, 4, 11, 41, 42, 60)
    ]
    assert reversal.get(39) == "98"


async def test_a_reversal_is_tried_until_it_is_settled(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    script = Switch(script=deque([SILENT]), undo_script=deque([SILENT, "96", "25"]))
    async with switch(script) as made:
        await fleet(made, ledger).run()
    tried = [(r.attempt, r.code, r.settled) for r in rows(ledger) if isinstance(r, UndoTried)]
    assert tried == [(1, "", False), (2, "96", False), (3, "25", True)]


async def test_a_wrong_mac_is_reversed_with_reason_a0(tmp_path: Path) -> None:
    other = Sealing(CODEC, WorkingKeys(bytes(16), bytes(8)), MacMethod.CUP_ECB)
    async with switch(Switch(sealing=other)) as made:
        await fleet(made, tmp_path / "t.jsonl").run()
    assert made.of("0400")[0].get(39) == "A0"


async def test_another_amount_is_reversed_with_reason_06(tmp_path: Path) -> None:
    def tidy(message: Message, fields: dict[int, str]) -> dict[int, str]:
        return fields | {4: "000000000001"} if message.mti == "0200" else fields

    async with switch(Switch(change=tidy)) as made:
        await fleet(made, tmp_path / "t.jsonl").run()
    assert made.of("0400")[0].get(39) == "06"


@pytest.mark.parametrize("code", ["A0", "77", "97", "99", "88"])
async def test_some_codes_make_it_sign_in_again(tmp_path: Path, code: str) -> None:
    async with switch(Switch(script=deque([code]))) as made:
        await fleet(made, tmp_path / "t.jsonl", count=2).run()
    assert [m.mti for m in made.asked] == ["0800", "0200", "0800", "0200"]


async def test_the_header_can_ask_for_a_sign_in(tmp_path: Path) -> None:
    async with switch(Switch(requirement=3)) as made:
        await fleet(made, tmp_path / "t.jsonl", count=2).run()
    assert [m.mti for m in made.asked] == ["0800", "0200", "0800", "0200"]


async def test_a_printer_that_fails_takes_the_approval_back(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        await fleet(made, ledger, Flow.REVERSAL).run()
    reversal = made.of("0400")[0]
    assert reversal.get(39) == "96"
    assert reversal.get(38)
    assert kinds(ledger) == ["Asked", "Told", "UndoDue", "UndoTried"]


async def test_a_refund_without_answer_is_sent_again_never_reversed(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(script=deque(["00", SILENT, "98", "00"]))) as made:
        sale = fleet(made, ledger)
        await sale.run()
        refund = fleet(made, ledger, Flow.REFUND)
        summary = await refund.run()
    advices = made.of("0220")
    assert len(advices) == 3
    assert len({m.raw for m in advices}) == 1
    assert made.of("0400") == []
    assert summary.owed == 0
    assert [r.code for r in rows(ledger) if isinstance(r, Told)] == ["00", "98", "00"]


async def test_a_repeat_travels_on_another_connection_and_is_compared(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch() as made:
        summary = await fleet(made, ledger, Flow.REPEAT).run()
    first, second = made.of("0200")
    assert first == second
    assert made.connections == 2
    assert (summary.repeats, summary.repeats_wrong) == (1, 0)


async def test_a_repeat_with_another_answer_is_wrong(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(script=deque(["00", "05"]))) as made:
        summary = await fleet(made, ledger, Flow.REPEAT).run()
    assert summary.repeats_wrong == 1
    assert [r.same for r in rows(ledger) if isinstance(r, Repeated)] == [False]


async def test_two_copies_at_once_may_get_98_and_the_approval_counts(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(script=deque(["98", "00"]))) as made:
        summary = await fleet(made, ledger, Flow.RACE, timeout_s=2.0).run()
    assert (summary.approved, summary.repeats_wrong) == (1, 0)
    assert len(made.of("0200")) == 2


async def test_killed_in_the_middle_it_reverses_after_the_restart(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    async with switch(Switch(script=deque([SILENT]))) as made:
        with trio.move_on_after(0.3):
            await fleet(made, ledger, timeout_s=60).run()
        assert kinds(ledger) == ["Asked"]
        await fleet(made, ledger).run()
    assert kinds(ledger) == ["Asked", "UndoDue", "UndoTried", "Asked", "Told"]
    assert [m.get(11) for m in made.of("0400")] == [made.of("0200")[0].get(11)]
    due = [r.reason for r in rows(ledger) if isinstance(r, UndoDue)]
    assert due == ["98"]


async def test_what_cannot_be_settled_is_kept_and_told(tmp_path: Path) -> None:
    ledger = tmp_path / "t.jsonl"
    script = Switch(script=deque([SILENT]), undo_script=deque(["96"] * 1000))
    async with switch(script) as made:
        summary = await fleet(made, ledger, drain_s=0.1).run()
        assert summary.owed == 1
        script.undo_script.clear()
        assert (await fleet(made, ledger, count=0).run()).owed == 0


async def test_echo_and_sign_off_are_answered(tmp_path: Path) -> None:
    async with switch() as made:
        summary = await fleet(made, tmp_path / "t.jsonl", Flow.ECHO, Flow.SIGN_OFF, count=6).run()
    assert summary.approved == 6
    codes = {(m.get(60) or "")[8:11] for m in made.of("0820")}
    assert codes == {"301", "002"}
