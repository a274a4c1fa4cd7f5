"""A terminal's ledger survives its power cuts and tells of each row as it is written."""

from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world.sessions import MemoryLedger
from tests.sim.world.witnesses import ASKED, TOLD


async def test_a_row_is_kept_and_told() -> None:
    heard: list[TerminalRow] = []
    ledger = MemoryLedger(heard.append)
    for row in (ASKED, TOLD):
        await ledger.write(row)
    assert ledger.written == heard == [ASKED, TOLD]
