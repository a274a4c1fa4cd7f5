"""Orders that a merchant shows as a code and a customer pays by telephone (terminal-protocol 10.2).

A core. Their number, what is said to the acquirer to ask about one or to close it, and what the
answers mean. An order is in doubt until it was paid or is closed: no other answer ends it. Who asks
is orderkeeper.py (what is owed) and orderdesk.py (the terminal).
"""

from datetime import date, timedelta
from enum import Enum, auto
from typing import Final

from pointsman.store.records import State, Transaction
from pointsman.switch import hosts, responses
from pointsman.switch.flows import FLOW_BY_NAME, Order
from pointsman.switch.hosts import HostDraft
from pointsman.switch.reversals import original_data

POLL_S: Final = 5.0  # between two queries while its customer may still pay
INQUIRY: Final = "310000"
NOT_YET: Final = "09"
CLOSED: Final = "05"  # what a terminal hears of an order that nobody paid
CANCELLED: Final = "17"  # field 39 of a closing: the customer does not want it
UNKNOWN_CODES: Final = frozenset({"25"})
_LETTER: Final = "T"
_SAID: Final = ("12", "13", "18", "22", "25", "32", "37", "41", "42", "43", "48", "49")
_RRN_SIZE: Final = 12
_NUMBER_SIZE: Final = 17  # letter, date 8, counter 8


class Fate(Enum):
    """What is known of an order after asking."""

    PAID = auto()
    CLOSED = auto()  # it cannot be paid any more
    OPEN = auto()  # the acquirer says that it was not paid as yet
    REFUSED = auto()  # it would not close: ask whether it was paid
    UNHEARD = auto()


def is_order(transaction: Transaction) -> bool:
    """Tell whether this is an order."""
    flow = FLOW_BY_NAME.get(transaction.kind)
    return flow is not None and flow.order is Order.OPENS


def order_number(rrn: str, today: date) -> str:
    """Return the number of an order: a letter, the day of our reference, and its counter."""
    year = next(
        one for one in (today.year, today.year - 1, today.year + 1) if f"{one}"[3] == rrn[0]
    )
    day = date(year, 1, 1) + timedelta(days=int(rrn[1:4]) - 1)
    return f"{_LETTER}{day:%Y%m%d}{rrn[4:]}"


def number_of(order: Transaction) -> str:
    """Return the number of an order as its acquirer was told it."""
    return hosts.untagged(order.host.get("48", "")).get(hosts.ORDER_TAG, "")


def reference_of(number: str) -> str:
    """Return our reference (37) that is in the number of an order, or nothing where none is."""
    digits = number[1:]
    known = len(number) == _NUMBER_SIZE and number[0] == _LETTER
    if not known or not (digits.isascii() and digits.isdigit()):
        return ""
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return ""
    return f"{digits[3]}{day.timetuple().tm_yday:03d}{digits[8:]}"


def query(order: Transaction, *, host_stan: str, host_time: str) -> HostDraft:
    """Return the question whether an order was paid."""
    return _about(order, "0200", {3: INQUIRY, 7: host_time, 11: host_stan})


def closing(order: Transaction, mti: str, *, host_stan: str, host_time: str) -> HostDraft:
    """Return what closes an order: the reversal of a request that may have been paid."""
    fields = {3: order.processing_code, 4: f"{order.amount_minor:012d}", 39: CANCELLED}
    return _about(order, mti, fields | {7: host_time, 11: host_stan})


def _about(order: Transaction, mti: str, own: dict[int, str]) -> HostDraft:
    host = order.host
    fields = {int(number): host[number] for number in _SAID if number in host}
    return HostDraft(mti, fields | own | {90: original_data(order).text})


def fate_of_query(code: str) -> Fate:
    """Say what field 39 of an answered query means: whether it was paid, and nothing else."""
    return Fate.PAID if responses.is_approved(code) else Fate.OPEN


def fate_of_closing(code: str, *, arrived: bool) -> Fate:
    """Say what field 39 of an answered closing means.

    `arrived` says that the order cannot come after this: it was answered, or its life is over.
    """
    if code == responses.APPROVED or (arrived and code in UNKNOWN_CODES):
        return Fate.CLOSED
    return Fate.UNHEARD if code in UNKNOWN_CODES else Fate.REFUSED


def answer_to_query(order: Transaction) -> str:
    """Return field 39 for a terminal that asks: 00 only where it was paid, 09 while it may be."""
    match order.state:
        case State.APPROVED:
            return responses.APPROVED
        case State.SENDING | State.UNKNOWN:
            return NOT_YET
        case _:
            return order.response_code


def answer_to_closing(order: Transaction) -> str:
    """Return field 39 for a terminal that closes: 00 only where nobody can pay any more."""
    match order.state:
        case State.APPROVED:
            return responses.INVALID
        case State.SENDING | State.UNKNOWN:
            return responses.NO_ANSWER
        case _:
            return responses.APPROVED


def order_field(number: str) -> str:
    """Return the number as it stands in field 48 of a host message."""
    return hosts.tagged(hosts.ORDER_TAG, number)
