"""Commands to a running simulator, one a line on its standard input: what a parent process says.

A shell. Acquirer: ``mood NAME:CHANCE,...``, ``cut-over MMDD``, ``stop``. Terminals: ``pause``,
``resume``, ``flows ...``, ``rate N``, ``settle``, ``status``, ``stop``. The end of the input means
``stop``.
"""

import os
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Final

import trio

from pointsman.codecs.content import is_digits
from pointsman.sim.acquirer import AcquirerSim
from pointsman.sim.fleet import Fleet
from pointsman.sim.flows import WEIGHTS, FlowError, parse_flows
from pointsman.sim.moods import MoodError, parse_moods
from pointsman.sim.tally import Summary

LINE_SIZE_MAX: Final = 4096
RATE_MAX: Final = 10_000.0
LEAP_YEAR: Final = 2000  # a settlement date has no year


class CommandError(ValueError):
    """A line that is no command; the text says what is."""


async def read_commands(fd: int) -> AsyncIterator[str]:
    """Yield the lines of a descriptor until it ends; a line that is too long ends it too."""
    rest = b""
    async with trio.lowlevel.FdStream(os.dup(fd)) as stream:
        while data := await stream.receive_some(LINE_SIZE_MAX):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace").strip()
            if len(rest) > LINE_SIZE_MAX:
                return


def obey_acquirer(line: str, sim: AcquirerSim) -> bool:
    """Do what a line says; False when it says stop. Raises CommandError."""
    word, _, rest = line.partition(" ")
    match word:
        case "mood":
            try:
                sim.host.moods = parse_moods(rest)
            except MoodError as error:
                raise CommandError(str(error)) from None
        case "cut-over":
            sim.cut_over(_day(rest))
        case "stop":
            return False
        case "":
            pass
        case _:
            raise CommandError("commands are: mood NAME:CHANCE,... cut-over MMDD and stop")
    return True


def obey_terminals(line: str, fleet: Fleet, say: Callable[[Summary], None]) -> bool:
    """Do what a line says; False when it says stop. Raises CommandError."""
    word, _, rest = line.partition(" ")
    control = fleet.control
    match word:
        case "pause" | "resume":
            control.paused = word == "pause"
        case "settle":
            control.settlements += 1
        case "status":
            say(fleet.summary())
        case "flows" | "rate":
            try:
                if word == "rate":
                    control.rate = _rate(rest)
                else:
                    control.weights = WEIGHTS if rest == "default" else parse_flows(rest)
            except (FlowError, ValueError) as error:
                raise CommandError(str(error)) from None
        case "stop":
            return False
        case "":
            pass
        case _:
            raise CommandError("commands are: pause resume flows rate settle status stop")
    return True


def _day(text: str) -> str:
    if len(text) != len("MMDD") or not is_digits(text):
        raise CommandError("a settlement date is month and day, MMDD")
    try:
        date(LEAP_YEAR, int(text[:2]), int(text[2:]))
    except ValueError:
        raise CommandError(f"{text} is no day of a year") from None
    return text


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= RATE_MAX:  # also where it is no number at all
        raise ValueError(f"a rate is 0 to {RATE_MAX:.0f} a second")
    return rate
