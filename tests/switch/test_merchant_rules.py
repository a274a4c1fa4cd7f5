"""The checks of switch-rules 9, end to end over TCP, one fault at a time and two at once.

Each fault has its code, is counted, and lets nothing reach an acquirer. Of two faults the one that
stands earlier in the table tells its code.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from trio.testing import MockClock

from pointsman.hsm import commands as c
from pointsman.site.rules import SCHEMES
from pointsman.store.parties import Route, Rules, TerminalRules
from pointsman.store.records import RequestKey
from tests.codecs.golden import golden
from tests.switch.lives import MERCHANT
from tests.switch.whole import BATCH, MID, TID, Pos, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
SALE = golden("cup-sale-manual-req").fields
CARD = SALE[2]
STAN = SALE[11]


@dataclass
class Scene:
    """One house, and the sale that is going to be sent to it."""

    house: Whole
    pos: Pos
    rules: dict[str, Any] = field(default_factory=dict)  # of the merchant
    fields: dict[int, str] = field(default_factory=lambda: dict(SALE))
    merchant: dict[str, Any] = field(default_factory=dict)

    def token(self) -> str:
        """Return the card's token as rows have it."""
        answer = self.house.laboratory.ask(c.Outbound(seal=c.PanSeal(CARD, bytes(16))))
        assert isinstance(answer, c.OutboundDone)
        assert answer.token is not None
        return "\\x" + answer.token.hex()


def terminal(scene: Scene, **changes: object) -> None:
    row = scene.house.db.terminals[MID, TID]
    for name, value in changes.items():
        setattr(row, name, value)


def unknown_terminal(scene: Scene) -> None:
    scene.fields[41] = "99999999"


def inactive_terminal(scene: Scene) -> None:
    terminal(scene, active=False)


def inactive_merchant(scene: Scene) -> None:
    scene.merchant["active"] = False


def not_signed_in(scene: Scene) -> None:
    terminal(scene, signed_in=False)


def wrong_mac(scene: Scene) -> None:
    scene.pos.keys = replace(scene.pos.keys, mak=scene.pos.keys.mak[::-1])


def number_in_use(scene: Scene) -> None:
    key = RequestKey(MID, TID, scene.fields[60][2:8], STAN)
    scene.house.db.request_keys[key] = (bytes(16), b"another fingerprint")


def other_batch(scene: Scene) -> None:
    scene.fields[60] = scene.fields[60][:2] + "000099" + scene.fields[60][8:]
    number = scene.house.db.request_keys.pop(RequestKey(MID, TID, BATCH, STAN), None)
    if number is not None:
        scene.house.db.request_keys[RequestKey(MID, TID, "000099", STAN)] = number


def missing_field(scene: Scene) -> None:
    del scene.fields[22]


def no_amount(scene: Scene) -> None:
    scene.fields[4] = "0" * 12


def other_currency(scene: Scene) -> None:
    scene.fields[49] = "840"


def wrong_check_digit(scene: Scene) -> None:
    scene.fields[2] = CARD[:-1] + str((int(CARD[-1]) + 1) % 10)


def expired(scene: Scene) -> None:
    scene.fields[14] = "2602"


def listed(scene: Scene) -> None:
    scene.house.db.blacklist[scene.token()] = "43"


def forbidden_type(scene: Scene) -> None:
    scene.rules["forbids"] = frozenset({"sale"})


def forbidden_way(scene: Scene) -> None:
    scene.rules["forbids"] = frozenset({"manual"})


def over_amount(scene: Scene) -> None:
    scene.rules["amount_max_minor"] = 1


def over_amount_keyed(scene: Scene) -> None:
    scene.rules["method_max_minor"] = (("manual", 1),)


def over_amount_of_brand(scene: Scene) -> None:
    scene.rules["scheme_max_minor"] = tuple((name, 1) for name in SCHEMES)


def at_night(scene: Scene) -> None:
    scene.rules["night"] = "10:00-10:30"  # it is 10:17 in this house


def over_day(scene: Scene) -> None:
    scene.rules["card_day_minor_max"] = 1


def over_month(scene: Scene) -> None:
    scene.rules["month_minor_max"] = 1


def over_day_of_terminal(scene: Scene) -> None:
    scene.rules["terminals"] = (TerminalRules(TID, day_minor_max=1),)


def over_amount_of_terminal(scene: Scene) -> None:
    scene.rules["terminals"] = (TerminalRules(TID, amount_max_minor=1),)


def over_month_of_brand(scene: Scene) -> None:
    scene.rules["scheme_month_minor_max"] = tuple((name, 1) for name in SCHEMES)


def over_day_keyed(scene: Scene) -> None:
    scene.rules["method_day_minor_max"] = (("manual", 1),)


def no_contract(scene: Scene) -> None:
    scene.house.db.routes = {}


def other_schemes(scene: Scene) -> None:
    scene.house.db.routes = {MID: (Route(MID, "alpha", 1, frozenset({"JCB"})),)}


def acquirer_away(scene: Scene) -> None:
    alpha = scene.house.db.acquirers["alpha"]
    scene.house.db.acquirers["alpha"] = replace(alpha, port=1)


Fault = Callable[[Scene], None]
FAULTS: tuple[tuple[Fault, str], ...] = (
    (unknown_terminal, "97"),
    (inactive_terminal, "97"),
    (inactive_merchant, "03"),
    (not_signed_in, "A0"),
    (wrong_mac, "A0"),
    (number_in_use, "94"),
    (other_batch, "77"),
    (missing_field, "30"),
    (no_amount, "13"),
    (other_currency, "A1"),
    (wrong_check_digit, "14"),
    (expired, "54"),
    (listed, "43"),
    (forbidden_type, "58"),
    (over_amount, "61"),
    (over_day, "61"),
    (acquirer_away, "91"),
)
"""In the order of switch-rules 9; follow-ups have a table of their own below."""
OTHERS: tuple[tuple[Fault, str], ...] = (
    (forbidden_way, "58"),
    (over_amount_keyed, "61"),
    (over_amount_of_brand, "61"),
    (at_night, "61"),
    (over_month, "61"),
    (over_day_of_terminal, "61"),
    (over_amount_of_terminal, "61"),
    (over_month_of_brand, "61"),
    (over_day_keyed, "61"),
    (no_contract, "03"),
    (other_schemes, "57"),
)


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


async def code_of(path: Path, *faults: Fault) -> tuple[str, Whole]:
    """Send one sale with these faults; return its code, when nothing more can come of it."""
    async with whole(path) as house, house.terminal() as pos:
        scene = Scene(house, pos)
        for fault in faults:
            fault(scene)
        rules = Rules(**scene.rules)
        house.db.merchants[MID] = replace(MERCHANT, rules=rules, **scene.merchant)
        await house.site_changed()
        answer = await pos.ask("0200", scene.fields)
        assert answer.mti == "0210"
        await house.quiet()
        return answer[39], house


@pytest.mark.parametrize(
    ("fault", "code"), [*FAULTS, *OTHERS], ids=lambda one: getattr(one, "__name__", one)
)
async def test_a_fault_is_told_counted_and_reaches_no_acquirer(
    clock: MockClock, tmp_path: Path, fault: Fault, code: str
) -> None:
    told, house = await code_of(tmp_path, fault)
    assert told == code
    assert house.counted("responses_total", acquirer="none", response_code=code) == 1
    assert house.heard() == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *pairwise(FAULTS),
        *((one, FAULTS[-1]) for one in FAULTS[5:-2]),
        *((one, (listed, "43")) for one in FAULTS[5:11]),
    ],
    ids=lambda one: one[0].__name__,
)
async def test_of_two_faults_the_earlier_tells_its_code(
    clock: MockClock, tmp_path: Path, first: tuple[Fault, str], second: tuple[Fault, str]
) -> None:
    told, house = await code_of(tmp_path, first[0], second[0])
    assert told == first[1]
    assert house.heard() == []


async def test_without_a_fault_the_sale_is_approved(clock: MockClock, tmp_path: Path) -> None:
    told, house = await code_of(tmp_path)
    assert told == "00"
    assert len(house.heard()) == 1


COUNTS = (
    Rules(month_count_max=1),
    Rules(terminals=(TerminalRules(TID, day_count_max=1),)),
    Rules(terminals=(TerminalRules(TID, month_count_max=1),)),
    Rules(card_month_count_max=1),
    Rules(method_month_count_max=(("manual", 1),)),
    Rules(scheme_day_count_max=tuple((name, 1) for name in SCHEMES)),
)


@pytest.mark.parametrize("rules", COUNTS)
async def test_one_sale_too_many_is_told_counted_and_reaches_no_acquirer(
    clock: MockClock, tmp_path: Path, rules: Rules
) -> None:
    merchant = replace(MERCHANT, rules=rules)
    async with whole(tmp_path, merchant=merchant) as house, house.terminal() as pos:
        assert (await pos.ask("0200", SALE))[39] == "00"
        heard = len(house.heard())
        assert (await pos.ask("0200", {**SALE, 11: "000999"}))[39] == "65"
        await house.quiet()
        assert house.counted("responses_total", acquirer="none", response_code="65") == 1
        assert len(house.heard()) == heard


@pytest.mark.parametrize("rules", [Rules(refund_percent_max=49), Rules(refund_month_minor_max=1)])
async def test_a_refund_above_its_share_is_told_counted_and_reaches_no_acquirer(
    clock: MockClock, tmp_path: Path, rules: Rules
) -> None:
    merchant = replace(MERCHANT, rules=rules)
    async with whole(tmp_path, merchant=merchant) as house, house.terminal() as pos:
        sold = await pos.ask("0200", SALE)
        heard = len(house.heard())
        half = f"{int(SALE[4]) // 2:012d}"
        refund = golden("cup-refund-req").fields | {n: SALE[n] for n in (2, 14, 22, 25, 49)}
        refund |= {4: half, 11: "000998", 37: sold[37], 60: "25" + SALE[60][2:]}
        refund |= {61: SALE[60][2:8] + STAN + sold[13]}
        assert (await pos.ask("0220", refund))[39] == "61"
        await house.quiet()
        assert house.counted("responses_total", acquirer="none", response_code="61") == 1
        assert len(house.heard()) == heard
        allowed = replace(MERCHANT, rules=Rules(refund_percent_max=50))
        house.db.merchants[MID] = allowed
        await house.site_changed()
        assert (await pos.ask("0220", {**refund, 11: "000997"}))[39] == "00"


async def test_the_black_list_is_fetched_in_packets_and_shows_each_change(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        for number in range(100):
            token = f"\\x{number:064x}"
            house.db.blacklist[token] = "43"
            house.db.masked[token] = f"6226{number:02d}******{number:04d}"

        async def fetch(first: int) -> bytes:
            asked = {41: TID, 42: MID, 11: "000901", 60: f"00{BATCH}390"}
            asked[62] = f"{first:03d}".encode().hex().upper()
            answer = await pos.ask("0800", asked, mac=False)
            assert (answer.mti, answer[39]) == ("0810", "00")
            return bytes.fromhex(answer[62])

        async def whole_list() -> list[str]:
            cards: list[str] = []
            kind = b"2"
            while kind == b"2":
                told = await fetch(len(cards) + 1)
                kind, entries = told[:1], told[1:].decode()
                cards += [entries[at : at + 12] for at in range(0, len(entries), 12)]
            assert kind == b"3"
            return cards

        first = await whole_list()
        assert first == [f"436226{number:02d}{number:04d}" for number in range(100)]
        del house.db.blacklist[f"\\x{7:064x}"]
        house.db.blacklist["\\xaa"], house.db.masked["\\xaa"] = "41", "411111******1111"
        assert await whole_list() == [*first[:7], *first[8:], "414111111111"]
        house.db.blacklist.clear()
        assert await fetch(1) == b"0"
        assert house.heard() == []


async def test_a_refused_request_gets_the_same_refusal_again(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        listed(Scene(house, pos))
        first = await pos.ask("0200", SALE)
        house.db.blacklist.clear()
        second = await pos.ask("0200", SALE)
        assert (first[39], second[39], second[37]) == ("43", "43", first[37])
        assert house.heard() == []


async def test_the_stripe_of_a_chip_card_may_be_forbidden(clock: MockClock, tmp_path: Path) -> None:
    rules = Rules(forbids=frozenset({"fallback"}))
    swiped = dict(golden("cup-sale-fallback-req").fields)
    merchant = replace(MERCHANT, rules=rules)
    async with whole(tmp_path, merchant=merchant) as house, house.terminal() as pos:
        assert (await pos.ask("0200", swiped))[39] == "45"
        assert house.heard() == []


async def test_undoing_and_settling_ask_for_identity_and_mac_alone(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert (await pos.ask("0200", SALE))[39] == "00"
        terminal(Scene(house, pos), active=False)
        house.db.merchants[MID] = replace(MERCHANT, active=False)
        listed(Scene(house, pos))
        await house.site_changed()
        undo = {n: SALE[n] for n in (2, 3, 4, 11, 14, 22, 25, 41, 42, 49, 60)} | {39: "98"}
        assert (await pos.ask("0400", undo))[39] == "00"
        told = golden("cup-offline-sale-advice-req").fields | {41: TID, 42: MID}
        assert (await pos.ask("0220", told))[39] == "00"
        settle = golden("cup-settle-req").fields
        assert 48 in await pos.ask("0500", settle)
        assert (await pos.ask("0200", {**SALE, 11: "000999"}))[39] == "97"
