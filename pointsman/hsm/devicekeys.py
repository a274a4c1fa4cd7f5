"""What is done about keys on a hardware HSM: made, imported, told to a terminal, checked.

Each is one or more host commands through the ``say`` that is given; layouts are in ``hostclient``,
which requests come here ``payshield`` decides. No clear key is ever here.
"""

from collections.abc import Awaitable, Callable

from pointsman.hsm import commands as c
from pointsman.hsm import hostclient
from pointsman.hsm.commands import Refused
from pointsman.hsm.hostclient import Device, HostAnswer, HostCannotError, HostRefusedError

Say = Callable[[bytes], Awaitable[HostAnswer]]
KCV_SIZE = 6  # hex characters
WRAPPED_SIZE = 33  # X and thirty-two hex characters
TOLD_MAC = frozenset({c.MacMethod.X9_19, c.MacMethod.X9_19_SHORT})


async def check_value(say: Say, kind: str, key: bytes) -> str:
    """Return six hex characters; raises HostRefusedError."""
    return (await _long_check_value(say, kind, key))[:KCV_SIZE]


async def new_key(say: Say, device: Device, request: c.NewKey) -> c.Answer:
    """Make a terminal's master key (A0); raises HostRefusedError, HostCannotError."""
    if request.under:
        raise HostCannotError("a key of the hardware is told by the hardware's own console")
    key, rest = _made("A0", await say(hostclient.generate(device, request.usage)))
    return c.KeyMade(key, rest[:KCV_SIZE].decode("ascii"))


async def import_under(say: Say, device: Device, request: c.ImportUnder) -> c.Answer:
    """Take a partner's key under the ZMK (A6); raises HostRefusedError, HostCannotError."""
    if request.usage not in ("ZPK", "ZAK", "TPK"):
        raise HostCannotError(f"no {request.usage} is imported to the hardware")
    command = hostclient.import_under(device, request.usage, request.zmk, request.wrapped)
    key, rest = _made("A6", await say(command), may_warn=True)
    kcv = rest[:KCV_SIZE].decode("ascii")
    if bytes.fromhex(kcv)[: len(request.kcv)] != request.kcv[:3]:
        return Refused("refused", "the check value does not agree")
    return c.KeyMade(key, kcv)


async def new_terminal_keys(say: Say, device: Device, request: c.NewTerminalKeys) -> c.Answer:
    """Make PIK and MAK under a terminal's master key (A0, BU), and field 62 of them."""
    if request.layout != "003":
        raise HostCannotError(f"layout {request.layout} is not made on the hardware, 003 is")
    if request.method not in TOLD_MAC:
        raise HostCannotError(f"the hardware has no MAC {request.method.value} for a terminal")
    if request.again:
        raise HostCannotError("the hardware tells no working keys a second time")
    field62, keys, kcvs = b"", [], []
    for kind in ("TPK", "TAK"):
        key, rest = _made("A0", await say(hostclient.generate(device, kind, request.tmk)))
        value = await _long_check_value(say, kind, key)
        keys.append(key)
        kcvs.append(value[:KCV_SIZE])
        field62 += bytes.fromhex(rest[1:WRAPPED_SIZE].decode("ascii") + value[:8])
    return c.TerminalKeys(keys[0], keys[1], None, field62, tuple(kcvs))


async def _long_check_value(say: Say, kind: str, key: bytes) -> str:
    answer = await say(hostclient.check_value(kind, key))
    if answer.code != "00":
        raise HostRefusedError("BU", answer.code)
    return answer.data.decode("ascii")


def _made(command: str, answer: HostAnswer, *, may_warn: bool = False) -> tuple[bytes, bytes]:
    """Return the new key and what follows it; 01 warns of parity that was set right."""
    if answer.code != "00" and not (may_warn and answer.code == "01"):
        raise HostRefusedError(command, answer.code)
    size = hostclient.key_length(answer.data)
    return answer.data[:size], answer.data[size:]
