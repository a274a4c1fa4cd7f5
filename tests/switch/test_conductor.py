"""The conductor with everything around it in memory: who is answered what, and what goes where."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry

from pointsman.codecs.codec import Message
from pointsman.codecs.framing import Framing, get_framing
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.hsm.commands import Outbound
from pointsman.metrics import Metrics
from pointsman.store.parties import Directory, Route, Terminal
from pointsman.store.records import (
    Concluded,
    Conflicting,
    Intent,
    IntentResult,
    Outcome,
    OutcomeResult,
    Recorded,
    Repeated,
    State,
    Transaction,
)
from pointsman.switch.chipmemory import KEPT_S
from pointsman.switch.conductor import Conductor
from pointsman.switch.lookups import AWAY, Away
from pointsman.switch.ports import Ask
from pointsman.switch.reception import Reception
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import OriginalReference, Request, Reversal
from pointsman.switch.room import OWN_MAX
from pointsman.switch.siteview import SiteView
from pointsman.switch.traffic import Answered, HostRequest, HostResult, NotSent, Silent
from tests.codecs.golden import golden
from tests.switch.lives import (
    ALPHA,
    HOST,
    MERCHANT,
    POS,
    TERMINAL,
    TODAY,
    host_answer,
    inbound,
    message,
    outbound,
)

NOW = datetime(2026, 3, 15, 2, 17, 35, tzinfo=UTC)
FRAMING = get_framing("tpdu-header")


@dataclass
class Terminals:
    """A connection that keeps what it was given."""

    listener: str = "pos"
    framing: Framing = FRAMING
    answers: list[Message] = field(default_factory=list)
    dropped: int = 0
    takes: bool = True

    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None:
        body = FRAMING.open(FRAMING.reader().feed(frame)[0]).body
        self.answers.append(POS.decode(body))
        if taken is not None:
            taken(self.takes)

    def drop(self) -> None:
        self.dropped += 1


@dataclass
class World:
    """HSM, journal, link and store, each doing at once what it is asked."""

    terminal: Terminal | Away | None = TERMINAL
    host: Callable[[HostRequest], HostResult | None] = lambda _: Answered(host_answer(), 0.1)
    recorded: dict[object, Transaction] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    sent: list[HostRequest] = field(default_factory=list)
    noted: list[bytes] = field(default_factory=list)
    owed: list[bytes] = field(default_factory=list)
    claimed: list[bytes] = field(default_factory=list)
    claimable: bool | Away = True
    errands: list[Request] = field(default_factory=list)
    usable: bool = True
    waiting: list[Callable[[HostResult], None]] = field(default_factory=list)
    originals: list[Transaction] = field(default_factory=list)

    # the HSM
    def submit(self, request: Any, _deadline: float, done: Callable[[Any], None]) -> None:  # noqa: ANN401
        done(outbound(request) if isinstance(request, Outbound) else inbound(request))

    # the journal
    def intend(
        self, intent: Intent, _deadline: float, done: Callable[[IntentResult], None]
    ) -> None:
        record = intent.transaction
        first = self.recorded.setdefault(record.key, record)
        if first is record:
            done(Recorded(TODAY))
        elif first.fingerprint == record.fingerprint:
            done(Repeated(first))
        else:
            done(Conflicting())

    def conclude(
        self, outcome: Outcome, _deadline: float, done: Callable[[OutcomeResult], None]
    ) -> None:
        self.outcomes.append(outcome)
        for key, record in self.recorded.items():
            if record.id == outcome.id:
                self.recorded[key] = replace(record, state=outcome.state, answer=outcome.answer)
        done(Concluded(tell=True))

    def taken(self, id: bytes) -> None:  # noqa: A002
        self.noted.append(id)

    # the link
    def send(self, request: HostRequest, done: Callable[[HostResult], None]) -> None:
        self.sent.append(request)
        result = self.host(request)
        if result is None:
            self.waiting.append(done)
        else:
            done(result)

    # numbers
    def take(self) -> str | None:
        return "004711"

    # lookups
    def find(
        self, _mid: str, _tid: str, done: Callable[[Terminal | Away | None], None], **_: bool
    ) -> None:
        done(self.terminal)

    def original(
        self,
        _mid: str,
        _tid: str,
        _reference: OriginalReference,
        done: Callable[[Transaction | None], None],
    ) -> None:
        done(self.originals[0] if self.originals else None)

    def owe(
        self, transaction: bytes, _reason: str, done: Callable[[bool], None] = lambda _: None
    ) -> None:
        self.owed.append(transaction)
        done(True)

    def claim(self, first: bytes, done: Callable[[bool | Away], None]) -> None:
        self.claimed.append(first)
        done(self.claimable)

    def first_copy(
        self, _first: bytes, _deadline: float, done: Callable[[Transaction | None], None]
    ) -> None:
        done(None)

    def promote(self, _mid: str, _tid: str, _number: int) -> None: ...

    # errands
    def begin(self, _ask: Ask, _terminal: Terminal, request: Request) -> bool:
        self.errands.append(request)
        return True


class Nobody:
    """No terminal here speaks the international dialect."""

    def begin(self, ask: Ask, terminal: Terminal, hand_on: object) -> bool:
        raise AssertionError("nothing is to be translated")


class Lookups:
    """The lookups of a world under their own names."""

    def __init__(self, world: World) -> None:
        self.terminal = world.find
        self.original = world.original
        self.owe = world.owe
        self.claim = world.claim
        self.first_copy = world.first_copy
        self.promote = world.promote


class House:
    """Reception and conductor over one world."""

    def __init__(self, world: World, *, active: bool = True) -> None:
        metrics = Metrics(CollectorRegistry(), ["alpha"])
        effects = Effects(now=lambda: NOW, random_bytes=random.Random(7).randbytes)
        site = SiteView(effects, links={"alpha": world}, stans={"alpha": world}, rrns=world)
        refusals = Refusals(site, metrics)
        lookups: Any = Lookups(world)  # the same verbs
        self.conductor = Conductor(
            config=Config(),
            clock=lambda: 100.0,
            metrics=metrics,
            session=0,
            incarnation=7,
            site=site,
            hsm=world,
            journal=world,
            lookups=lookups,
            refusals=refusals,
        )
        self.reception = Reception(
            site=site,
            clock=lambda: 100.0,
            lookups=lookups,
            refusals=refusals,
            payments=self.conductor,
            errands=world,
            nii=Nobody(),
            metrics=metrics,
        )
        self.on_frame = self.reception.on_frame
        self.sweep = self.conductor.sweep
        self.site = site
        site.update(directory(active=active))


def directory(*, active: bool) -> Directory:
    return Directory(
        1,
        merchants={MERCHANT.mid: replace(MERCHANT, active=active)},
        acquirers={"alpha": ALPHA},
        routes={MERCHANT.mid: (Route(MERCHANT.mid, "alpha", 1),)},
    )


def frame(given: Message) -> bytes:
    envelope = FRAMING.open(FRAMING.reader().feed(golden("cup-sale-swipe-pin-req").wire)[0])
    return FRAMING.close(envelope, given.raw)[2:]


def ask(world: World, given: Message, *, active: bool = True) -> Terminals:
    connection = Terminals()
    House(world, active=active).on_frame(connection, frame(given))
    return connection


SALE = message("cup-sale-swipe-pin-req")


def test_a_sale_comes_back_approved_with_tpdu_swapped_and_is_noted_as_taken() -> None:
    world = World()
    connection = ask(world, SALE)
    assert connection.answers[0][39] == "00"
    assert len(world.sent) == 1
    assert world.noted == [world.outcomes[0].id]
    assert HOST.decode(world.sent[0].data)[2] == "6226388000000095"


def test_beyond_its_own_room_a_sale_is_refused_at_once_and_touches_nothing() -> None:
    class Slow(World):
        def submit(self, request: Any, _deadline: float, done: Callable[[Any], None]) -> None: ...  # noqa: ANN401

    world = Slow()
    made = House(world)
    waiting, late = Terminals(), Terminals()
    for number in range(1, OWN_MAX + 1):
        made.on_frame(waiting, frame(message("cup-sale-swipe-pin-req", f11=f"{number:06d}")))
    made.on_frame(late, frame(message("cup-sale-swipe-pin-req", f11="900000")))
    assert waiting.answers == []
    assert late.answers[0][39] == "96"
    assert world.recorded == {}


def test_what_waits_for_its_acquirer_takes_no_room() -> None:
    world = World(host=lambda _: None)
    made = House(world)
    connection = Terminals()
    for number in range(1, OWN_MAX + 10):
        made.on_frame(connection, frame(message("cup-sale-swipe-pin-req", f11=f"{number:06d}")))
    assert connection.answers == []
    assert len(world.sent) == OWN_MAX + 9


def test_an_unknown_terminal_is_97_and_nothing_is_sent() -> None:
    world = World(terminal=None)
    connection = ask(world, SALE)
    assert connection.answers[0][39] == "97"
    assert 64 not in connection.answers[0]
    assert world.sent == []
    assert world.recorded == {}


def test_a_terminal_that_cannot_be_read_is_96() -> None:
    world = World(terminal=AWAY)
    assert ask(world, SALE).answers[0][39] == "96"
    assert world.sent == []


def test_an_inactive_terminal_is_97_but_may_still_reverse_and_settle() -> None:
    world = World(terminal=replace(TERMINAL, active=False))
    assert ask(world, SALE).answers[0][39] == "97"
    ask(world, message("cup-reversal-sale-req"))
    ask(world, message("cup-settle-req"))
    assert [type(one).__name__ for one in world.errands] == ["Reversal", "Settle"]


@pytest.mark.parametrize(("barred", "code"), [("terminal", "97"), ("merchant", "03")])
def test_a_copy_is_answered_though_terminal_or_merchant_were_stopped_since(
    barred: str, code: str
) -> None:
    world = World()
    made = House(world)
    first, copy, other = Terminals(), Terminals(), Terminals()
    made.on_frame(first, frame(SALE))
    if barred == "terminal":
        world.terminal = replace(TERMINAL, active=False)
        made.site.forget(TERMINAL.mid, TERMINAL.tid)
    else:
        made.site.update(directory(active=False))
    made.on_frame(copy, frame(SALE))
    made.on_frame(other, frame(message("cup-sale-swipe-pin-req", f11="000999")))
    told = [dict(one.answers[0].fields) for one in (first, copy, other)]
    assert told[0] == told[1]
    assert told[2][39] == code
    assert len(world.sent) == 1
    assert [one.state for one in world.recorded.values()][-1] is State.REFUSED


def test_a_stopped_terminal_without_a_right_mac_is_97_too() -> None:
    world = World(terminal=replace(TERMINAL, active=False))
    given = message("cup-sale-swipe-pin-req", f64=None)
    assert ask(world, given).answers[0][39] == "97"
    assert world.recorded == {}


def test_an_inactive_merchant_is_03() -> None:
    assert ask(World(), SALE, active=False).answers[0][39] == "03"


def test_a_message_that_breaks_its_spec_is_30_where_its_sender_can_be_told() -> None:
    broken = SALE.raw[:-9]  # field 60 and MAC cut short, 41 and 42 whole
    world = World()
    connection = Terminals()
    whole = frame(SALE)
    House(world).on_frame(connection, whole[: len(whole) - len(SALE.raw)] + broken)
    assert connection.answers[0][39] == "30"
    assert world.sent == []


def test_garbage_is_dropped_with_one_line_and_no_answer() -> None:
    connection = Terminals()
    made = House(World())
    with structlog.testing.capture_logs() as lines:
        made.on_frame(connection, b"\xff" * 40)
        made.on_frame(connection, b"")
    assert connection.answers == []
    assert connection.dropped == 2
    assert len(lines) == 2


def test_an_answer_sent_as_a_request_is_dropped() -> None:
    connection = Terminals()
    House(World()).on_frame(connection, frame(message("cup-sale-swipe-pin-resp")))
    assert (connection.answers, connection.dropped) == ([], 1)


def test_no_log_line_of_a_refused_sale_holds_card_data() -> None:
    with structlog.testing.capture_logs() as lines:
        ask(World(), message("cup-sale-swipe-pin-req", f49="978"))
    assert lines[0]["code"] == "A1"
    assert "6226388000000095" not in repr(lines)


def test_a_down_link_is_91_in_one_commit() -> None:
    world = World(usable=False)
    assert ask(world, SALE).answers[0][39] == "91"
    assert world.sent == []
    assert world.outcomes == []


def test_a_silent_acquirer_is_98_and_owed_a_reversal() -> None:
    world = World(host=lambda _: Silent())
    assert ask(world, SALE).answers[0][39] == "98"
    assert (world.outcomes[0].state, world.outcomes[0].owe) == (State.UNKNOWN, True)


def test_what_the_link_did_not_send_is_91() -> None:
    world = World(host=lambda _: NotSent("stale"))
    assert ask(world, SALE).answers[0][39] == "91"
    assert world.outcomes[0].owe is False


def test_an_approval_that_nobody_took_is_owed_a_reversal_at_its_deadline() -> None:
    world = World()
    connection = Terminals(takes=False)
    made = House(world)
    made.on_frame(connection, frame(SALE))
    made.sweep(100.0 + Config().timers.switch_s - 1)
    assert world.owed == []
    made.sweep(100.0 + Config().timers.switch_s)
    assert world.owed == [world.outcomes[0].id]


def test_a_repeat_that_takes_the_approval_saves_it() -> None:
    world = World()
    made = House(world)
    made.on_frame(Terminals(takes=False), frame(SALE))
    again = Terminals()
    made.on_frame(again, frame(SALE))
    assert again.answers[0][39] == "00"
    made.sweep(1000.0)
    assert world.owed == []
    assert len(world.sent) == 1


def test_a_copy_joins_the_first_in_flight_and_both_are_answered() -> None:
    world = World(host=lambda _: None)
    made = House(world)
    first, second = Terminals(), Terminals()
    made.on_frame(first, frame(SALE))
    made.on_frame(second, frame(SALE))
    assert (first.answers, second.answers) == ([], [])
    world.waiting[0](Answered(host_answer(), 0.1))
    assert first.answers[0][39] == second.answers[0][39] == "00"
    assert first.answers[0][37] == second.answers[0][37]
    assert len(world.sent) == 1


def test_a_copy_hears_what_the_first_ones_chip_was_told_while_it_is_known() -> None:
    script = "910A1122334455667788303072098607840000000411"
    world = World(host=lambda _: None)
    made = House(world)
    given = message("cup-sale-chip-pin-req")
    first, joined, later, late = (Terminals() for _ in range(4))
    made.on_frame(first, frame(given))
    made.on_frame(joined, frame(given))
    world.waiting[0](Answered(host_answer(f55=script), 0.1))
    made.on_frame(later, frame(given))
    made.sweep(100.0 + KEPT_S)
    made.on_frame(late, frame(given))
    told = [dict(one.answers[0].fields) for one in (first, joined, later, late)]
    assert told[0][55] == script
    assert told[0] == told[1] == told[2] == told[3] | {55: script}


@pytest.mark.parametrize(("word", "codes"), [(True, ["00"]), (False, ["98"]), (AWAY, [])])
def test_a_copy_is_told_an_approval_only_once_it_is_claimed(
    word: bool | Away, codes: list[str]
) -> None:
    """P7: its own worker may be owing the reversal at the same moment."""
    world = World(claimable=word)
    made = House(world)
    made.on_frame(Terminals(takes=False), frame(SALE))
    again = Terminals()
    made.on_frame(again, frame(SALE))
    assert [answer[39] for answer in again.answers] == codes
    assert world.claimed == [world.outcomes[0].id]


def test_the_same_key_with_another_amount_is_94() -> None:
    world = World()
    made = House(world)
    made.on_frame(Terminals(), frame(SALE))
    other = Terminals()
    made.on_frame(other, frame(message("cup-sale-swipe-pin-req", f4="000000010001")))
    assert other.answers[0][39] == "94"
    assert len(world.sent) == 1


def test_a_worker_that_stops_refuses_what_is_new() -> None:
    world = World()
    made = House(world)
    made.reception.draining = True
    connection = Terminals()
    made.on_frame(connection, frame(SALE))
    assert connection.answers[0][39] == "96"
    assert world.sent == []


def test_a_card_of_no_known_brand_is_15_and_a_wrong_check_digit_14() -> None:
    unknown = message("cup-sale-manual-req", f2="9999999999999995")
    assert ask(World(), unknown).answers[0][39] == "15"
    wrong = message("cup-sale-manual-req", f2="4111111111111112")
    assert ask(World(), wrong).answers[0][39] == "14"


def test_what_is_no_payment_goes_to_the_errands() -> None:
    world = World()
    ask(world, message("cup-reversal-sale-req"))
    assert isinstance(world.errands[0], Reversal)
