"""The ledger file: durable, only added to, and whole after a crash."""

from pathlib import Path

import pytest
import trio

from pointsman.sim.host_rows import HOST_ROWS, HostNetwork, HostRow
from pointsman.sim.ledger import Ledger, LedgerError


def row(number: int) -> HostRow:
    return HostNetwork("2026-03-15T02:17:35.000+00:00", f"k-{number}", 1, "echo", "00")


async def test_rows_come_back_in_the_order_they_were_written(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a.jsonl", HOST_ROWS) as ledger:
        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(ledger.write, row(number))
        assert sorted(r.at for r in ledger.rows()) == [row(0).at] * 50
    with Ledger(tmp_path / "a.jsonl", HOST_ROWS) as again:
        await again.write(row(50))
        assert len(list(again.rows())) == 51


async def test_what_is_added_while_others_are_written_is_written_as_well(tmp_path: Path) -> None:
    async def terminal(first: int) -> None:
        for number in range(first, first + 40):
            await ledger.write(row(number))

    with Ledger(tmp_path / "a.jsonl", HOST_ROWS) as ledger:
        async with trio.open_nursery() as nursery:
            for lane in range(10):
                nursery.start_soon(terminal, lane * 40)
        keys = [one.key for one in ledger.rows() if isinstance(one, HostNetwork)]
        assert sorted(keys) == sorted(f"k-{number}" for number in range(400))


async def test_a_row_is_on_the_disk_when_write_returns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Ledger(path, HOST_ROWS) as ledger:
        await ledger.write(row(1))
        assert path.read_bytes().endswith(b"}\n")


async def test_rows_that_were_queued_are_taken_along_at_closing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Ledger(path, HOST_ROWS) as ledger:
        ledger.add(row(1))
    assert path.read_bytes().count(b"\n") == 1


async def test_a_line_that_a_crash_cut_short_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Ledger(path, HOST_ROWS) as ledger:
        await ledger.write(row(1))
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut].rstrip(b"\n"))
        with Ledger(path, HOST_ROWS) as ledger:
            assert list(ledger.rows()) == [row(1)]
            await ledger.write(row(2))
            assert list(ledger.rows()) == [row(1), row(2)]


async def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"kind":"other"}\n')
    with Ledger(path, HOST_ROWS) as ledger, pytest.raises(LedgerError, match=r"a\.jsonl:1"):
        list(ledger.rows())
