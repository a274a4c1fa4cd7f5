"""Bad input from a simulated terminal: what is sent, what the protocol demands, what came back.

A shell over hostile_inputs.py, which makes the bytes. Each input travels on a connection of its
own; afterwards a good echo on a connection that was open all the time must still be answered.
"""

from typing import Final

import msgspec
import trio

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.sim import pos_management
from pointsman.sim.device import Device
from pointsman.sim.hostile_inputs import CLOSED, SILENCE, Input, inputs
from pointsman.sim.terminal_link import RECEIVE_SIZE, Address
from pointsman.sim.terminal_options import Identity, TerminalOptions
from pointsman.sim.terminal_session import Session

WAIT_S: Final = 3.0  # for an answer that need not come


class Result(msgspec.Struct, frozen=True, tag_field="event", tag="hostile"):
    """One bad input: what came (a code, ``closed`` or ``silence``) and whether it was right."""

    name: str
    wanted: str
    got: str
    right: bool
    others_served: bool


async def attack(
    identity: Identity, options: TerminalOptions, wait_s: float = WAIT_S
) -> list[Result]:
    """Send every bad input once; raises OSError where the switch cannot be reached."""
    results: list[Result] = []
    address = Address(options.host, options.port, get_codec("cup-bcd"), get_framing("tpdu-header"))
    device = Device(identity.mid, identity.tid)

    async def signed_in(_code: str, batch: str) -> None:
        device.batch = batch or device.batch

    session = Session(identity, options, address, device, signed_in)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(session.keep_line)
        await session.sign_in()
        now = Effects().now().isoformat(timespec="milliseconds")
        for bad in inputs(device, session.sealing, now):
            got = await _send(address, bad, wait_s)
            served = await session.manage(*pos_management.echo(device)) is not None
            right = got in bad.wanted and served
            wanted = " or ".join(sorted(bad.wanted))
            results.append(Result(bad.name, wanted, got, right, served))
        nursery.cancel_scope.cancel()
    return results


async def _send(address: Address, bad: Input, wait_s: float) -> str:
    """Send the messages of one input, each after the answer to the one before.

    Say what came to the last: a code, ``closed``, ``silence`` or ``unreadable``.
    """
    reader = address.framing.reader()
    got = SILENCE
    async with await trio.open_tcp_stream(address.host, address.port) as stream:
        for part in bad.parts:
            got = SILENCE
            with trio.move_on_after(wait_s):
                try:
                    await stream.send_all(part)
                    frames: list[bytes] = []
                    while not frames:
                        data = await stream.receive_some(RECEIVE_SIZE)
                        if not data:
                            return CLOSED
                        frames = reader.feed(data)
                    message = address.codec.decode(address.framing.open(frames[-1]).body)
                    got = message.get(39) or ""
                except (trio.BrokenResourceError, FrameError):
                    return CLOSED
                except DecodeError:
                    return "unreadable"
    return got
