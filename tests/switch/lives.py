"""A payment with everything it is lent, for tests: golden requests, one terminal, one acquirer."""

from dataclasses import replace
from datetime import date

from pointsman.codecs.codec import Message, get_codec
from pointsman.hsm.commands import Inbound, InboundDone, Outbound, OutboundDone
from pointsman.routing.bins import scheme_of
from pointsman.routing.table import Choice, NoRoute
from pointsman.store.parties import (
    Acquirer,
    BatchState,
    KeySet,
    KeySetState,
    Merchant,
    Terminal,
)
from pointsman.store.records import State, Transaction
from pointsman.switch import reading
from pointsman.switch.desk import Desk
from pointsman.switch.requests import Payment, Refusal
from pointsman.switch.responses import Moment
from pointsman.switch.transaction import PaymentLife
from tests.codecs.golden import golden

TODAY = date(2026, 3, 15)
MOMENT = Moment("101735", "0315", "0315021735")
TOKEN = bytes(range(16))
MERCHANT = Merchant("898100053310001", "GOLDEN TEST SHOP", "5812", "SHANGHAI", "CN", "156", True)
CURRENT = KeySet(1, b"tpk-1", b"tak-1", KeySetState.CURRENT)
PENDING = KeySet(2, b"tpk-2", b"tak-2", KeySetState.PENDING)
TERMINAL = Terminal(
    mid="898100053310001",
    tid="12345678",
    active=True,
    format="cup-bcd",
    framing="tpdu-header",
    mac_method="cup-ecb",
    tmk=b"tmk",
    key_sets=(CURRENT,),
    signed_in=True,
    batch="000012",
    batch_state=BatchState.OPEN,
)
ALPHA = Acquirer(
    name="alpha",
    institution="00085500",
    format="ascii87-hexbitmap",
    framing="ascii4",
    host="127.0.0.1",
    port=9101,
    active=True,
    zpk=b"zpk",
    zak=b"zak",
    mac_method="x9.19",
)
HOST = get_codec(ALPHA.format)
POS = get_codec("cup-bcd")


def message(name: str, **changes: str | None) -> Message:
    """Decode a golden request; `f4="..."` changes a field, None takes it out."""
    chosen = golden(name)
    fields = dict(chosen.fields)
    for field, value in changes.items():
        if value is None:
            fields.pop(int(field[1:]), None)
        else:
            fields[int(field[1:])] = value
    return POS.decode(POS.encode(chosen.mti, fields))


def payment(given: Message) -> Payment:
    """Read a request that must be a payment."""
    read = reading.read(given.mti, given.fields)
    assert isinstance(read, Payment)
    return read


def desk(*, route: Choice | NoRoute | None = None, pan: str = "6226388000000095") -> Desk:
    """What the house lends: route alpha, numbers as in the golden answers."""
    return Desk(
        id=b"\1" * 16,
        merchant=MERCHANT,
        moment=MOMENT,
        rrn="607400000120",
        card_range=scheme_of(pan[:11], len(pan)),
        route=route or Choice("alpha", "test"),
        acquirer_of=lambda _: ALPHA,
        host_codec_of=lambda _: HOST,
        host_stan_of=lambda _: "004711",
        terminal_codec=POS,
        session=0,
        incarnation=7,
        today=TODAY,
    )


def life(
    given: Message,
    *,
    terminal: Terminal = TERMINAL,
    lent: Desk | None = None,
    refusal: Refusal | None = None,
) -> PaymentLife:
    """A payment at its very start."""
    read = payment(given)
    lent = lent or desk()
    if read.flow.follows:
        lent = replace(lent, route=None)
    return PaymentLife(read, given, terminal, lent, read.refusal or refusal)


def outbound(request: Outbound | Inbound, *, mac_ok: bool = True) -> OutboundDone:
    """What the HSM answers to trip 1 when all is right."""
    assert isinstance(request, Outbound)
    if request.mac is not None and not mac_ok:
        return OutboundDone(mac_ok=False)
    return OutboundDone(
        mac_ok=None if request.mac is None else True,
        token=TOKEN if request.seal else None,
        cipher=b"cipher" if request.seal else None,
        pin_ok=True if request.pin else None,
        host=request.host.data if request.host else None,
    )


def inbound(request: Outbound | Inbound, *, mac_ok: bool = True) -> InboundDone:
    """What the HSM answers to trip 2."""
    assert isinstance(request, Inbound)
    if request.mac is not None and not mac_ok:
        return InboundDone(mac_ok=False)
    return InboundDone(mac_ok=None if request.mac is None else True, mac=b"0A1B2C3D")


def host_answer(code: str = "00", **changes: str) -> Message:
    """The acquirer's answer, as the golden one with another code."""
    fields = dict(golden("host-ascii-sale-resp").fields) | {39: code}
    fields |= {int(name[1:]): value for name, value in changes.items()}
    if code != "00":
        fields.pop(38)
    return HOST.decode(HOST.encode("0210", fields))


def approved_sale() -> Transaction:
    """The sale that the golden void speaks of, approved."""
    given = message("cup-sale-swipe-pin-req")
    started = life(given)
    [ask] = started.start()
    [intend] = started.on(outbound(ask.request))  # type: ignore[union-attr]  # AskHsm
    record = intend.intent.transaction  # type: ignore[union-attr]  # Intend
    return replace(
        record,
        id=b"\2" * 16,
        state=State.APPROVED,
        approved_minor=record.amount_minor,
        rrn="101735000120",
        auth_code="AB1234",
        answer={"12": "101735", "13": "0315", "37": "101735000120", "38": "AB1234", "39": "00"},
    )
