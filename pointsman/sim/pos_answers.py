"""Answers to a simulated terminal, judged: is it ours, is its MAC right, do two copies agree.

A core for the UnionPay-like terminal dialect (terminal-protocol 4, 6 and 12). Requests are made in
pos_messages.py; what follows from an answer is done in terminal.py.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from pointsman.codecs.codec import Message
from pointsman.codecs.content import is_digits
from pointsman.sim import wallet_messages
from pointsman.sim.host_messages import read_tags
from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.sim.terminal_rows import Asked, Told

APPROVALS: Final = frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"})
UNDO_SETTLED: Final = frozenset({"00", "12", "25"})  # all mean: forget it (terminal-protocol 8.5)
UNKNOWN: Final = "98"
SIGN_IN_AGAIN: Final = frozenset({"77", "88", "89", "97", "99", "A0"})
ECHOED: Final = (3, 4, 11, 41, 42)


class Verdict(Enum):
    """What a terminal makes of an answer."""

    TRUE = "true"  # an answer to this request, sealed where it must be
    BAD_MAC = "bad-mac"
    NOT_OURS = "not-ours"  # an echoed field differs: as if nothing had come


def judge(
    message: Message,
    request: Mapping[int, str],
    sealed_with: Sequence[WorkingKeys],
    method: MacMethod,
) -> Verdict:
    """Judge an answer: the echoed fields first, then the MAC under one of the sets.

    A refusal without MAC is believed (it comes before the terminal was authenticated, section 4);
    an approval without one is not.
    """
    for number in ECHOED:
        told = message.get(number)
        missing = number == 4 and message.get(39) not in APPROVALS
        if told != request.get(number) and not (told is None and missing):
            return Verdict.NOT_OURS
    if 64 not in message:
        approved = message.get(39) in APPROVALS
        return Verdict.BAD_MAC if approved else Verdict.TRUE
    if any(keys.verifies(method, message) for keys in sealed_with):
        return Verdict.TRUE
    return Verdict.BAD_MAC


def agree(first: Message, second: Message, *, at_once: bool) -> bool:
    """Tell whether the answers to two copies agree: the stored answer for the second.

    96 says that the switch cannot look it up now; 98 for one of two that came ``at_once`` that the
    other is still under way. 98 to the first says that its end was not known: whatever a repeat
    hears later then, it is never an approval (switch-rules 2).
    """
    one, two = first.get(39), second.get(39)
    if one == UNKNOWN and not at_once:
        return two not in APPROVALS
    if one == two:
        told = (38, 37, 4) if one in APPROVALS else ()
        return all(first.get(number) == second.get(number) for number in told)
    excuses = {"96", "98"} if at_once else {"96"}
    return two in excuses or (at_once and one in excuses)


def told_row(asked: Asked, message: Message, at: str) -> Told:
    """Return the ledger row of an answer that was judged to be true."""
    code = message.get(39) or ""
    ordered = TYPES[asked.what].ordered
    return Told(
        at=at,
        mid=asked.mid,
        tid=asked.tid,
        batch=asked.batch,
        stan=asked.stan,
        code=code,
        approved=code in APPROVALS and not ordered,
        amount_minor=amount_told(message, asked.amount_minor),
        rrn=message.get(37) or "",
        auth=message.get(38) or "",
        date=message.get(13) or "",
        voucher=voucher_of(message),
        order=wallet_messages.order_of(message),
    )


def voucher_of(message: Message) -> str:
    """Return the wallet's voucher (A4 in field 59), or the empty text."""
    data = message.get(59)
    if data is None:
        return ""
    return read_tags(bytes.fromhex(data).decode("latin-1")).get("A4", "")


def amount_told(message: Message, asked_minor: int) -> int:
    """Return the approved amount: field 4, or what was asked where the answer has none."""
    text = message.get(4)
    return int(text) if text and is_digits(text) else asked_minor
