"""Flows that follow an earlier request: which may be followed, for how much, and the request.

A core. Flows that begin anew are flows.py; what a terminal remembers is device.py.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.items import Item
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

LOUD_CENTS: Final = 90  # the one multiple of ten that the acquirer's table names: a wrong MAC

FOLLOWING: Final[Mapping[Flow, tuple[Kind, Flow]]] = MappingProxyType(
    {
        Flow.VOID: (Kind.VOID, Flow.SALE_SWIPE),
        Flow.VOID_CLOSED: (Kind.VOID, Flow.SALE_SWIPE),
        Flow.REFUND: (Kind.REFUND, Flow.SALE_SWIPE),
        Flow.REFUND_PART: (Kind.REFUND, Flow.SALE_SWIPE),
        Flow.REFUND_REQUEST: (Kind.REFUND_REQUEST, Flow.SALE_SWIPE),
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
        Flow.SCRIPT_RESULT: (Kind.SCRIPT_RESULT, Flow.SALE_CHIP),
    }
)
"""What follows something: its type, and what is done where there is nothing to follow."""

OF_WALLETS: Final[Mapping[Flow, tuple[Kind, Flow]]] = MappingProxyType(
    {Flow.WALLET_REFUND: (Kind.WALLET_REFUND, Flow.WALLET_ORDER)}
)
"""What follows something among the wallets' types."""


def originals(flow: Flow, device: Device) -> Sequence[Item]:
    """Return what a follow-up may be drawn from: not what its cashier is about to cancel."""
    return [item for item in _known(flow, device) if item.asked.flow is not Flow.REVERSAL]


def _known(flow: Flow, device: Device) -> Sequence[Item]:
    match flow:
        case Flow.VOID:
            return device.voidable(Kind.SALE, Kind.CASH, Kind.OFFLINE)
        case Flow.VOID_CLOSED:
            return device.in_closed()
        case Flow.REFUND | Flow.REFUND_PART | Flow.REFUND_REQUEST:
            return device.refundable()
        case Flow.WALLET_REFUND:
            return device.refundable(Kind.WALLET_ORDER, Kind.WALLET_PAY)
        case Flow.COMPLETION_CANCEL:
            return device.voidable(Kind.COMPLETION, Kind.COMPLETION_ADVICE)
        case Flow.ADJUST:
            return device.voidable(Kind.OFFLINE)
        case Flow.TIP:
            sales = device.voidable(Kind.SALE)
            return [item for item in sales if item.asked.card and item.replaced_minor is None]
        case Flow.SCRIPT_RESULT:
            return [item for item in device.voidable(Kind.SALE) if item.asked.entry is Entry.CHIP]
        case Flow.INSTALMENT_VOID:
            return device.voidable(Kind.INSTALMENT)
        case Flow.POINTS_VOID:
            return device.voidable(Kind.POINTS)
        case _:
            return device.held()


def amount_of(flow: Flow, item: Item) -> int:
    """Return the amount of a follow-up; multiples of ten that no table of the acquirer names."""
    held = item.amount_minor + item.held_more_minor
    left = item.amount_minor - item.refunded_minor
    match flow:
        case Flow.REFUND:
            return left
        case Flow.REFUND_PART | Flow.REFUND_REQUEST | Flow.WALLET_REFUND:
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


def follow_up(
    device: Device, item: Item, what: Kind, amount_minor: int, *, flow: Flow, at: str
) -> Asked:
    """Return the request of this type that follows an item, with the terminal's next STAN."""
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
        order=told.order,
    )


def _part(left_minor: int) -> int:
    part = left_minor // 20 * 10
    if part % 100 == LOUD_CENTS:
        part -= 10
    return part or left_minor
