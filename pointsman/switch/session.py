"""The life of one acquirer session, from connect to sign-off: events in, commands out.

Decides which network messages (0800, 0620) are said and what a peer's mean (switch-rules 7).
Knows no payments and no socket: acquirers.py turns what happened into events and does what the
commands say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

from pointsman.switch.responses import is_day
from pointsman.switch.sessionwords import (
    ChangeKeys,
    Command,
    DayChanged,
    Drop,
    Echoed,
    EchoMissed,
    Event,
    Network,
    Opened,
    Probe,
    Say,
    SignedOff,
    SignedOn,
    SignOff,
    Stray,
    Tick,
)

SIGN_ON: Final = "001"
SIGN_OFF: Final = "002"
KEY_CHANGE: Final = ("101", "161")
CUT_OVER: Final = "201"
ECHO: Final = "301"

ANSWER_S: Final = 10.0  # wait for the answer to a network message
ECHOES_MISSED_MAX: Final = 2
SIGN_ON_AGAIN_S: Final = 10.0  # after the acquirer signed us off
APPROVED: Final = "00"
FORMAT: Final = "30"
NOT_SUPPORTED: Final = "40"
_KNOWN: Final = frozenset({SIGN_ON, SIGN_OFF, CUT_OVER, ECHO, *KEY_CHANGE})
_KEY_DIGITS, _CHECK_DIGITS = 32, 6  # of field 48 in a key change: ZPK and ZAK, each with its check
_RETURNED: Final = (
    7,
    11,
    12,
    13,
    15,
    53,
    70,
)  # fields of a network message that its answer repeats


class Phase(Enum):
    """Where a session stands; only a ready one may carry payments."""

    SIGNING_ON = "signing on"
    READY = "ready"
    SIGNED_OFF = "signed off"  # by the acquirer
    SIGNING_OFF = "signing off"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class _Asked:
    code: str
    key: tuple[str | None, str | None]
    at: float


@dataclass(slots=True)
class Session:
    """One session on one connection.

    `number` is the session's number, part of its own field 11 (900000 and above, so that these
    never meet a leased number); `echo_s` is how long silence lasts before an echo; `said` counts
    the messages asked so far, over all connections.
    """

    number: int
    echo_s: float
    phase: Phase = Phase.SIGNING_ON
    said: int = 0
    _asked: _Asked | None = None
    _heard_at: float = 0.0
    _off_at: float = 0.0
    _missed: int = 0

    def heard(self, now: float) -> None:
        """Note that a message which is not a network message arrived: somebody is there."""
        self._heard_at = now

    def handle(self, event: Event, now: float, host_time: str) -> list[Command]:
        """Take an event at `now` (Trio time); `host_time` is field 7 for what is said."""
        match event:
            case Opened():
                self._heard_at = now
                return [self._ask(SIGN_ON, now, host_time)]
            case Network(mti, fields):
                self._heard_at = now
                match mti[2:3]:
                    case "0" | "2":
                        return self._asked_by_peer(mti, fields, now, host_time)
                    case "1" | "3":
                        return self._answer(fields, now)
                    case _:  # notifications have no answer
                        return []
            case Tick():
                return self._tick(now, host_time)
            case Probe():
                quiet = self.phase is Phase.READY and self._asked is None
                return [self._ask(ECHO, now, host_time)] if quiet else []
            case SignOff():
                if self.phase in (Phase.SIGNING_OFF, Phase.ENDED):
                    return []
                self.phase = Phase.SIGNING_OFF
                return [self._ask(SIGN_OFF, now, host_time)]
            case _:
                assert_never(event)

    def _ask(self, code: str, now: float, host_time: str) -> Say:
        self.said += 1
        stan = f"9{self.number % 100:02d}{self.said % 1000:03d}"
        self._asked = _Asked(code, (host_time, stan), now)
        return Say("0800", {7: host_time, 11: stan, 70: code})

    def _answer(self, fields: Mapping[int, str], now: float) -> list[Command]:
        asked = self._asked
        if asked is None or (fields.get(7), fields.get(11)) != asked.key:
            return [Stray()]
        self._asked = None
        approved = fields.get(39) == APPROVED
        match asked.code:
            case "001" if approved:
                self.phase = Phase.READY
                return [SignedOn()]
            case "001":
                return [Drop("sign-on refused")]
            case "002":
                self.phase = Phase.ENDED
                return [Drop("signed off")]
            case _:  # an echo: whatever it says, somebody is there
                self._missed = 0
                return [Echoed(now - asked.at)]

    def _tick(self, now: float, host_time: str) -> list[Command]:
        asked = self._asked
        if asked is not None:
            return self._unanswered(asked, now, host_time) if now >= asked.at + ANSWER_S else []
        if self.phase is Phase.SIGNED_OFF and now >= self._off_at + SIGN_ON_AGAIN_S:
            self.phase = Phase.SIGNING_ON
            return [self._ask(SIGN_ON, now, host_time)]
        if self.phase is Phase.READY and now >= self._heard_at + self.echo_s:
            return [self._ask(ECHO, now, host_time)]
        return []

    def _unanswered(self, asked: _Asked, now: float, host_time: str) -> list[Command]:
        self._asked = None
        match asked.code:
            case "001":
                return [Drop("sign-on not answered")]
            case "002":
                self.phase = Phase.ENDED
                return [Drop("signed off")]
            case _:
                self._missed += 1
                if self._missed >= ECHOES_MISSED_MAX:
                    return [EchoMissed(), Drop("echo not answered")]
                return [EchoMissed(), self._ask(ECHO, now, host_time)]

    def _asked_by_peer(
        self, mti: str, fields: Mapping[int, str], now: float, host_time: str
    ) -> list[Command]:
        """Answer what the acquirer asks, always, also while signed off."""
        code = fields.get(70, "")
        says = _verdict(mti, code, fields)
        back = {number: fields[number] for number in _RETURNED if number in fields}
        answer_mti = f"{mti[:2]}{'1' if mti[2] == '0' else '3'}0"
        if says == APPROVED and code in KEY_CHANGE:
            return [_change(answer_mti, back, fields[48])]
        commands: list[Command] = [Say(answer_mti, back | {39: says})]
        if says != APPROVED:
            return commands
        if code == CUT_OVER:
            commands.append(DayChanged(fields[15]))
        elif code == SIGN_OFF and self.phase is Phase.READY:
            self.phase, self._off_at, self._asked = Phase.SIGNED_OFF, now, None
            commands.append(SignedOff())
        elif code == SIGN_ON and self.phase is Phase.SIGNED_OFF:
            self.phase = Phase.SIGNING_ON
            commands.append(self._ask(SIGN_ON, now, host_time))
        return commands


def _verdict(mti: str, code: str, fields: Mapping[int, str]) -> str:
    """Return field 39 of the answer to what the acquirer asks: a text (0620) is only taken."""
    if mti[1:2] != "8":
        return APPROVED
    if not code or (code == CUT_OVER and not is_day(fields.get(15, ""))):
        return FORMAT
    if code in KEY_CHANGE and not _are_keys(fields.get(48, "")):
        return FORMAT
    return APPROVED if code in _KNOWN else NOT_SUPPORTED


def _are_keys(text: str) -> bool:
    """Tell whether these are two double-length keys in hex, each with three octets of check."""
    return len(text) == 2 * (_KEY_DIGITS + _CHECK_DIGITS) and all(
        one in "0123456789ABCDEFabcdef" for one in text
    )


def _change(mti: str, back: Mapping[int, str], text: str) -> ChangeKeys:
    zpk, zak = (
        (bytes.fromhex(part[:_KEY_DIGITS]), bytes.fromhex(part[_KEY_DIGITS:]))
        for part in (text[: len(text) // 2], text[len(text) // 2 :])
    )
    return ChangeKeys(mti, back, zpk, zak)


def is_network(mti: str) -> bool:
    """Tell whether a message is the session's business: network management, or their text.

    A 0630 answers a script result of ours.
    """
    return mti[1:2] == "8" or mti[1:3] in ("60", "62")
