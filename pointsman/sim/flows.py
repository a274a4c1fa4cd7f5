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
from pointsman.sim.pos_types import TYPES
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
    MAIL_ORDER = "mail-order"  # by mail or telephone order
    BALANCE = "balance"
    PREAUTH = "preauth"
    PREAUTH_MORE = "preauth-more"
    PREAUTH_CANCEL = "preauth-cancel"
    COMPLETION = "completion"
    COMPLETION_OVER = "completion-over"  # above the ceiling: refused
    COMPLETION_ADVICE = "completion-advice"
    COMPLETION_CANCEL = "completion-cancel"
    OFFLINE = "offline"
    ADJUST = "adjust"
    TIP = "tip"
    ECASH = "ecash"
    INSTALMENT = "instalment"
    INSTALMENT_VOID = "instalment-void"
    POINTS = "points"
    POINTS_VOID = "points-void"
    POINTS_BALANCE = "points-balance"
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

ALL_TYPES: Final[Mapping[Flow, int]] = MappingProxyType(
    {
        **WEIGHTS,
        Flow.MAIL_ORDER: 3,
        Flow.BALANCE: 4,
        Flow.PREAUTH: 8,
        Flow.PREAUTH_MORE: 2,
        Flow.PREAUTH_CANCEL: 2,
        Flow.COMPLETION: 4,
        Flow.COMPLETION_OVER: 1,
        Flow.COMPLETION_ADVICE: 3,
        Flow.COMPLETION_CANCEL: 2,
        Flow.OFFLINE: 5,
        Flow.ADJUST: 2,
        Flow.TIP: 4,
        Flow.ECASH: 3,
        Flow.INSTALMENT: 4,
        Flow.INSTALMENT_VOID: 1,
        Flow.POINTS: 2,
        Flow.POINTS_VOID: 1,
        Flow.POINTS_BALANCE: 1,
    }
)
"""The ordinary mixture and every other type; the word for it is ``all``."""

_ENTRIES: Final[Mapping[Flow, Entry]] = MappingProxyType(
    {
        Flow.SALE_CHIP: Entry.CHIP,
        Flow.SALE_CONTACTLESS: Entry.CONTACTLESS,
        Flow.SALE_KEYED: Entry.KEYED,
        Flow.SALE_FALLBACK: Entry.FALLBACK,
        Flow.SALE_QR: Entry.QR,
        Flow.MAIL_ORDER: Entry.KEYED,
        Flow.OFFLINE: Entry.KEYED,
        Flow.ECASH: Entry.CONTACTLESS,
        Flow.PREAUTH: Entry.CHIP,
        Flow.INSTALMENT: Entry.CHIP,
    }
)
_FIRST: Final[Mapping[Flow, Kind]] = MappingProxyType(
    {
        Flow.BALANCE: Kind.BALANCE,
        Flow.PREAUTH: Kind.PREAUTH,
        Flow.OFFLINE: Kind.OFFLINE,
        Flow.ECASH: Kind.ECASH,
        Flow.INSTALMENT: Kind.INSTALMENT,
        Flow.POINTS: Kind.POINTS,
        Flow.POINTS_BALANCE: Kind.POINTS_BALANCE,
    }
)
"""What follows nothing and is no sale."""
_FOLLOWING: Final[Mapping[Flow, tuple[Kind, Flow]]] = MappingProxyType(
    {
        Flow.VOID: (Kind.VOID, Flow.SALE_SWIPE),
        Flow.REFUND: (Kind.REFUND, Flow.SALE_SWIPE),
        Flow.REFUND_PART: (Kind.REFUND, Flow.SALE_SWIPE),
        Flow.PREAUTH_MORE: (Kind.PREAUTH_MORE, Flow.PREAUTH),
        Flow.PREAUTH_CANCEL: (Kind.PREAUTH_CANCEL, Flow.PREAUTH),
        Flow.COMPLETION: (Kind.COMPLETION, Flow.PREAUTH),
        Flow.COMPLETION_OVER: (Kind.COMPLETION, Flow.PREAUTH),
        Flow.COMPLETION_ADVICE: (Kind.COMPLETION_ADVICE, Flow.PREAUTH),
        Flow.COMPLETION_CANCEL: (Kind.COMPLETION_CANCEL, Flow.COMPLETION),
        Flow.ADJUST: (Kind.ADJUST, Flow.OFFLINE),
        Flow.TIP: (Kind.TIP, Flow.SALE_CHIP),
        Flow.INSTALMENT_VOID: (Kind.INSTALMENT_VOID, Flow.INSTALMENT),
        Flow.POINTS_VOID: (Kind.POINTS_VOID, Flow.POINTS),
    }
)
"""What follows something: its type, and what is done where there is nothing to follow."""
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

    Without a weight a flow has that of the ordinary mixture, or 1; ``all`` is every flow.
    """
    weights: dict[Flow, int] = {}
    if text == "all":
        return dict(ALL_TYPES)
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
    if flow not in _FOLLOWING:
        return _sale(flow, device, draw, at)
    kind, instead = _FOLLOWING[flow]
    originals = _originals(flow, device)
    if not originals:
        return request(instead, device, draw, at)
    item = _one_of(originals, draw)
    return _follow_up(device, item, kind, _amount(flow, item), flow=flow, at=at)


def _originals(flow: Flow, device: Device) -> Sequence[Item]:
    """Return what a follow-up may be drawn from."""
    match flow:
        case Flow.VOID:
            return device.voidable(Kind.SALE, Kind.OFFLINE)
        case Flow.REFUND | Flow.REFUND_PART:
            return device.refundable()
        case Flow.COMPLETION_CANCEL:
            return device.voidable(Kind.COMPLETION, Kind.COMPLETION_ADVICE)
        case Flow.ADJUST:
            return device.voidable(Kind.OFFLINE)
        case Flow.TIP:
            sales = device.voidable(Kind.SALE)
            return [item for item in sales if item.asked.card and item.replaced_minor is None]
        case Flow.INSTALMENT_VOID:
            return device.voidable(Kind.INSTALMENT)
        case Flow.POINTS_VOID:
            return device.voidable(Kind.POINTS)
        case _:
            return device.held()


def _amount(flow: Flow, item: Item) -> int:
    """Return the amount of a follow-up; multiples of ten that no table of the acquirer names."""
    held = item.amount_minor + item.held_more_minor
    left = item.amount_minor - item.refunded_minor
    match flow:
        case Flow.REFUND:
            return left
        case Flow.REFUND_PART:
            return _part(left)
        case Flow.PREAUTH_CANCEL:
            return held
        case Flow.PREAUTH_MORE:
            return 5_000
        case Flow.COMPLETION | Flow.COMPLETION_ADVICE:
            return _quiet(held * 11 // 10)
        case Flow.COMPLETION_OVER:
            return _quiet(held * 13 // 10)
        case Flow.TIP | Flow.ADJUST:
            return _quiet(item.amount_minor * 23 // 20)
        case _:
            return item.amount_minor


def _quiet(minor: int) -> int:
    tens = minor // 10 * 10
    return tens - 10 if tens % 100 == LOUD_CENTS else tens


def _sale(flow: Flow, device: Device, draw: Draw, at: str) -> Asked:
    entry = _ENTRIES.get(flow, Entry.SWIPE)
    what = _FIRST.get(flow, Kind.SALE)
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
        what=what,
        entry=entry,
        amount_minor=0 if TYPES[what].silent_ok else 100 * (1 + draw(YUAN_MAX)) + cents,
        currency=CNY,
        card="" if entry is Entry.QR else _one_of(cards, draw).name,
        # UnionPay's payment codes: 19 digits that begin with 62 (terminal-protocol 10.2).
        payment_code=f"62{draw(10**17):017d}" if entry is Entry.QR else "",
        pin=pin,
        condition="08" if flow is Flow.MAIL_ORDER else "",
        voice_auth=f"{draw(10**6):06d}" if what is Kind.OFFLINE else "",
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
        original_minor=item.amount_minor,
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
