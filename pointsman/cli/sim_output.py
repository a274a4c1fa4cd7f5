"""What the two simulator commands share: printing, signals, commands on standard input, exit codes.

A shell of the command line; the simulators themselves are in pointsman/sim and print nothing.
"""

import signal
import sys
from collections.abc import Awaitable, Callable

import msgspec
import trio

from pointsman.cli.options import Exit, complain
from pointsman.money import Amount, UnknownCurrencyError, currency
from pointsman.sim.commands import CommandError, read_commands
from pointsman.sim.ledger import LedgerError

STANDARD_INPUT = 0


def say(value: object, *, as_json: bool) -> None:
    """Print one object: a JSON line, or its parts for a person."""
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
        sys.stdout.buffer.flush()
        return
    parts = msgspec.to_builtins(value)
    shown = (f"{name} {part}" for name, part in parts.items() if name != "event")
    print(", ".join(shown), flush=True)


def money(amount_minor: int, code: str) -> str:
    """Return an amount as people write it; a currency that nobody knows leaves minor units."""
    try:
        return str(Amount(amount_minor, currency(code)))
    except UnknownCurrencyError:
        return f"{amount_minor} minor units of {code!r}"


async def on_signal(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGINT and SIGTERM."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop()


async def after(seconds: float, stop: Callable[[], None]) -> None:
    """Call `stop` when the time is over."""
    await trio.sleep(seconds)
    stop()


async def obey(one: Callable[[str], bool], stop: Callable[[], None]) -> None:
    """Obey lines of standard input until one says stop, or it ends; then call `stop`."""
    async for line in read_commands(STANDARD_INPUT):
        try:
            if not one(line):
                break
        except CommandError as error:
            complain(str(error))
    stop()


def run(main: Callable[[], Awaitable[None]], failing: str) -> int:
    """Run a simulator; return the exit code. `failing` begins the line about a failed socket."""
    code = Exit.OK
    try:
        trio.run(main)
    except* OSError as group:
        complain(f"{failing}: {one_line(_first(group))}")
        code = Exit.UNAVAILABLE
    except* LedgerError as group:
        complain(one_line(_first(group)))
        code = Exit.FAILED
    return code


def one_line(error: Exception) -> str:
    """Return what an error says, in one line."""
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error.args[0] if error.args else error)).replace("\n", " ")


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return one error of a group: they all say the same here."""
    one: Exception | BaseExceptionGroup[Exception] = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one
