"""How a simulated terminal fetches its parameters, CA keys and AIDs: lists, each entry, the end.

A shell over pos_management.py, in the order of terminal-protocol 11. What is fetched is not kept:
the simulator has its own. One money request is terminal.py.
"""

from pointsman.sim import pos_management as wire
from pointsman.sim.device import Device
from pointsman.sim.terminal_session import Session


async def fetch(session: Session, device: Device) -> str:
    """Fetch all there is; return the first code that was not 00, or 00, or nothing on silence."""
    codes = [await _one(session, device, wire.PARAMETERS)]
    for list_code, (entry_code, end_code, names) in wire.LISTS.items():
        received, more = 0, True
        while more:
            answer = await session.manage(*wire.download(device, list_code, b"1%02d" % received))
            if answer is None:
                return ""
            entries, more = wire.listed(answer, names)
            received += len(entries)
            codes += [await _one(session, device, entry_code, entry) for entry in entries]
        codes.append(await _one(session, device, end_code))
    codes += [await _one(session, device, *block) for block in wire.BLOCKS]
    return next((code for code in codes if code != "00"), "00")


async def _one(session: Session, device: Device, code: str, asked: bytes = b"") -> str:
    answer = await session.manage(*wire.download(device, code, asked))
    return (answer.get(39) or "") if answer else ""
