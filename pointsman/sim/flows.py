"""What simulated terminals do next: the flows by name, and the request that a flow asks for.

A core: chance comes in as draws. A flow that needs an earlier sale gets one from the terminal's
memory, and becomes a sale where there is none. How a request is written is pos_messages.py, what is
done with a repeat terminal.py; which amount brings which answer stands in issuer.py and moods.py.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

from pointsman.codecs.content import is_digits
from pointsman.sim.cards import CARDS, Card
from pointsman.sim.device import Device
from pointsman.sim.flow_names import NAMES, Flow
from pointsman.sim.follow_ups import FOLLOWING, OF_WALLETS, amount_of, follow_up, originals
from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

CNY: Final = "156"
YUAN_MAX: Final = 300
QUIET_CENTS: Final = 9  # 00, 10 .. 80: endings that no table of the acquirer names

Draw = Callable[[int], int]
"""Gives a whole number from 0 to one below the argument."""


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
        Flow.REFUND_REQUEST: 3,
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
        Flow.SCRIPT_RESULT: 3,
        Flow.VOID_CLOSED: 1,
        Flow.DOWNLOAD: 1,
    }
)
"""The ordinary mixture and every other type of cards but advances of cash."""

WALLETS: Final[Mapping[Flow, int]] = MappingProxyType(
    {Flow.WALLET_ORDER: 6, Flow.WALLET_PAY: 4, Flow.WALLET_REFUND: 3}
)
"""The wallets' types, which ``all`` has too."""

ADVANCES: Final[Mapping[Flow, int]] = MappingProxyType({Flow.CASH: 3})
"""Advances of cash, which ``all`` has too; terminals of both dialects know them."""

NII: Final[Mapping[Flow, int]] = MappingProxyType(
    {
        Flow.SALE_SWIPE: 16,
        Flow.SALE_CHIP: 16,
        Flow.SALE_CONTACTLESS: 10,
        Flow.SALE_KEYED: 6,
        Flow.VOID: 6,
        Flow.REFUND_REQUEST: 8,
        Flow.BALANCE: 3,
        Flow.PREAUTH: 4,
        Flow.OFFLINE: 4,
        Flow.TIP: 4,
        Flow.DECLINED: 5,
        Flow.LOST_CARD: 1,
        Flow.REVERSAL: 4,
        Flow.REPEAT: 3,
        Flow.RACE: 2,
        Flow.ECHO: 2,
    }
)
"""What a terminal of the international dialect knows; those with a host that fails fit as well."""

_ENTRIES: Final[Mapping[Flow, Entry]] = MappingProxyType(
    {
        Flow.SALE_CHIP: Entry.CHIP,
        Flow.SALE_CONTACTLESS: Entry.CONTACTLESS,
        Flow.SALE_KEYED: Entry.KEYED,
        Flow.SALE_FALLBACK: Entry.FALLBACK,
        Flow.SALE_QR: Entry.QR,
        Flow.MAIL_ORDER: Entry.KEYED,
        Flow.OFFLINE: Entry.KEYED,
        Flow.CASH: Entry.CHIP,
        Flow.ECASH: Entry.CONTACTLESS,
        Flow.PREAUTH: Entry.CHIP,
        Flow.INSTALMENT: Entry.CHIP,
        Flow.QR_CONFIRM: Entry.QR,
        Flow.QR_UNCONFIRMED: Entry.QR,
        Flow.WALLET_ORDER: Entry.QR,
        Flow.WALLET_PAY: Entry.QR,
    }
)
_FIRST: Final[Mapping[Flow, Kind]] = MappingProxyType(
    {
        Flow.BALANCE: Kind.BALANCE,
        Flow.CASH: Kind.CASH,
        Flow.PREAUTH: Kind.PREAUTH,
        Flow.OFFLINE: Kind.OFFLINE,
        Flow.ECASH: Kind.ECASH,
        Flow.INSTALMENT: Kind.INSTALMENT,
        Flow.POINTS: Kind.POINTS,
        Flow.POINTS_BALANCE: Kind.POINTS_BALANCE,
        Flow.WALLET_ORDER: Kind.WALLET_ORDER,
        Flow.WALLET_PAY: Kind.WALLET_PAY,
    }
)
"""What follows nothing and is no sale."""
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
        Flow.QR_CONFIRM: (88,),
        Flow.QR_UNCONFIRMED: (87,),
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
        return {**ALL_TYPES, **WALLETS, **ADVANCES}
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
    follows = FOLLOWING.get(flow) or OF_WALLETS.get(flow)
    if follows is None:
        return _sale(flow, device, draw, at)
    kind, instead = follows
    found = originals(flow, device)
    if not found:
        return request(instead, device, draw, at)
    item = _one_of(found, draw)
    return follow_up(device, item, kind, amount_of(flow, item), flow=flow, at=at)


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
    shown = entry is Entry.QR and not TYPES[what].ordered
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
        payment_code=f"62{draw(10**17):017d}" if shown else "",
        pin=pin,
        condition="08" if flow is Flow.MAIL_ORDER else "",
        voice_auth=f"{draw(10**6):06d}" if what is Kind.OFFLINE else "",
    )


_T = TypeVar("_T")


def _one_of(choices: Sequence[_T], draw: Draw) -> _T:
    return choices[draw(len(choices))]
