"""What simulated terminals do next: the flows by name, and the request that a flow asks for.

A core: chance comes in as draws. A flow that needs an earlier sale gets one from the terminal's
memory, and becomes a sale where there is none. How a request is written is pos_messages.py, what is
done with a repeat terminal.py; which amount brings which answer stands in issuer.py and moods.py.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from pointsman.codecs.content import is_digits
from pointsman.sim.cards import CARDS, Card
from pointsman.sim.device import Device, Item
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

CNY: Final = "156"
YUAN_MAX: Final = 300
QUIET_CENTS: Final = 9  # 00, 10 .. 80: endings that no table of the acquirer names
LOUD_CENTS: Final = 90  # the one multiple of ten that does: a wrong MAC

Draw = Callable[[int], int]
"""Gives a whole number from 0 to one below the argument."""


class Flow(StrEnum):
    """Something a terminal does; the values are the words of ``--flows``."""

    SALE_SWIPE = "sale-swipe"
    SALE_CHIP = "sale-chip"
    SALE_CONTACTLESS = "sale-contactless"
    SALE_KEYED = "sale-keyed"
    SALE_FALLBACK = "sale-fallback"
    SALE_QR = "sale-qr"
    VOID = "void"
    REFUND = "refund"
    REFUND_PART = "refund-part"
    DECLINED = "declined"
    LOST_CARD = "lost-card"
    WRONG_PIN = "wrong-pin"
    REVERSAL = "reversal"  # approved, then the printer fails
    REPEAT = "repeat"  # the same bytes again, on another connection
    RACE = "race"  # the same bytes on two connections at once
    ECHO = "echo"
    SIGN_OFF = "sign-off"
    SILENT = "silent"
    DELAYED = "delayed"
    LATE = "late"
    TWICE = "twice"
    DROPPED = "dropped"
    WRONG_MAC = "host-wrong-mac"
    OTHER_AMOUNT = "host-other-amount"


NAMES: Final = frozenset(flow.value for flow in Flow)
WEIGHTS: Final[Mapping[Flow, int]] = MappingProxyType(
    {
        Flow.SALE_SWIPE: 16,
        Flow.SALE_CHIP: 16,
        Flow.SALE_CONTACTLESS: 14,
        Flow.SALE_KEYED: 6,
        Flow.SALE_FALLBACK: 3,
        Flow.SALE_QR: 12,
        Flow.VOID: 5,
        Flow.REFUND: 3,
        Flow.REFUND_PART: 4,
        Flow.DECLINED: 6,
        Flow.LOST_CARD: 1,
        Flow.WRONG_PIN: 3,
        Flow.REVERSAL: 3,
        Flow.REPEAT: 3,
        Flow.RACE: 2,
        Flow.ECHO: 2,
    }
)
"""The ordinary mixture; flows with a host that fails are asked for by name."""

_ENTRIES: Final[Mapping[Flow, Entry]] = MappingProxyType(
    {
        Flow.SALE_CHIP: Entry.CHIP,
        Flow.SALE_CONTACTLESS: Entry.CONTACTLESS,
        Flow.SALE_KEYED: Entry.KEYED,
        Flow.SALE_FALLBACK: Entry.FALLBACK,
        Flow.SALE_QR: Entry.QR,
    }
)
_ENDINGS: Final[Mapping[Flow, tuple[int, ...]]] = MappingProxyType(
    {
        Flow.DECLINED: (5, 14, 51, 54, 57, 61, 65, 91),
        Flow.SILENT: (98,),
        Flow.DELAYED: (97,),
        Flow.DROPPED: (96,),
        Flow.TWICE: (95,),
        Flow.LATE: (94,),
        Flow.WRONG_MAC: (90,),
        Flow.OTHER_AMOUNT: (89,),
    }
)
_CARDS: Final = tuple(card for card in CARDS.values() if not card.refused)
_LOST: Final = tuple(card for card in CARDS.values() if card.refused)
_PLAIN: Final = (Entry.SWIPE, Entry.CHIP, Entry.CONTACTLESS, Entry.KEYED)


class FlowError(ValueError):
    """A name that is no flow; the text lists the names."""


def parse_flows(text: str) -> Mapping[Flow, int]:
    """Read ``sale-swipe,void:3``: names with weights from 1 on; raises FlowError.

    Without a weight a flow has that of the ordinary mixture, or 1.
    """
    weights: dict[Flow, int] = {}
    for part in text.split(","):
        name, _, weight = part.strip().partition(":")
        if name not in NAMES:
            raise FlowError(f"{part.strip()!r} is no flow; there are {', '.join(Flow)}")
        if weight and (not is_digits(weight) or int(weight) == 0):
            raise FlowError(f"the weight of {name} is not a number from 1 on")
        weights[Flow(name)] = int(weight) if weight else WEIGHTS.get(Flow(name), 1)
    return weights


def choose(weights: Mapping[Flow, int], draw: Draw) -> Flow:
    """Draw a flow by weight."""
    at = draw(sum(weights.values()))
    for flow, weight in weights.items():
        at -= weight
        if at < 0:
            return flow
    raise AssertionError("a draw was not below its bound")


def request(flow: Flow, device: Device, draw: Draw, at: str) -> Asked:
    """Return the request that begins a flow, with the terminal's next STAN."""
    if flow is Flow.VOID and (sales := device.voidable()):
        item = _one_of(sales, draw)
        return _follow_up(device, item, Kind.VOID, item.amount_minor, flow=flow, at=at)
    if flow in {Flow.REFUND, Flow.REFUND_PART} and (sales := device.refundable()):
        item = _one_of(sales, draw)
        left = item.amount_minor - item.refunded_minor
        part = _part(left) if flow is Flow.REFUND_PART else left
        return _follow_up(device, item, Kind.REFUND, part, flow=flow, at=at)
    if flow in {Flow.VOID, Flow.REFUND, Flow.REFUND_PART}:
        flow = Flow.SALE_SWIPE
    return _sale(flow, device, draw, at)


def _sale(flow: Flow, device: Device, draw: Draw, at: str) -> Asked:
    entry = _ENTRIES.get(flow, Entry.SWIPE)
    if flow not in _ENTRIES and flow is not Flow.SALE_SWIPE and flow is not Flow.WRONG_PIN:
        entry = _one_of(_PLAIN, draw)
    cents = _one_of(_ENDINGS[flow], draw) if flow in _ENDINGS else 10 * draw(QUIET_CENTS)
    pin = Pin.NONE
    if flow is Flow.WRONG_PIN:
        pin = Pin.WRONG
    elif entry in {Entry.SWIPE, Entry.FALLBACK, Entry.CHIP} and draw(5):
        pin = Pin.RIGHT
    cards: Sequence[Card] = _LOST if flow is Flow.LOST_CARD else _CARDS
    return Asked(
        at=at,
        mid=device.mid,
        tid=device.tid,
        batch=device.batch,
        stan=device.next_stan(),
        flow=flow,
        what=Kind.SALE,
        entry=entry,
        amount_minor=100 * (1 + draw(YUAN_MAX)) + cents,
        currency=CNY,
        card="" if entry is Entry.QR else _one_of(cards, draw).name,
        # UnionPay's payment codes: 19 digits that begin with 62 (pos-protocol 10.2).
        payment_code=f"62{draw(10**17):017d}" if entry is Entry.QR else "",
        pin=pin,
    )


def _follow_up(
    device: Device, item: Item, what: Kind, amount_minor: int, *, flow: Flow, at: str
) -> Asked:
    asked, told = item.asked, item.told
    assert told is not None, "only answered sales are followed up"
    return Asked(
        at=at,
        mid=device.mid,
        tid=device.tid,
        batch=device.batch,
        stan=device.next_stan(),
        flow=flow,
        what=what,
        entry=asked.entry,
        amount_minor=amount_minor,
        currency=asked.currency,
        card=asked.card,
        payment_code=asked.payment_code,
        pin=Pin.RIGHT if what is Kind.VOID and asked.entry is Entry.SWIPE else Pin.NONE,
        original_batch=asked.batch,
        original_stan=asked.stan,
        original_date=told.date,
        original_rrn=told.rrn,
        original_auth=told.auth,
        voucher=told.voucher,
    )


def _part(left_minor: int) -> int:
    part = left_minor // 20 * 10
    if part % 100 == LOUD_CENTS:
        part -= 10
    return part or left_minor


_T = TypeVar("_T")


def _one_of(choices: Sequence[_T], draw: Draw) -> _T:
    return choices[draw(len(choices))]
