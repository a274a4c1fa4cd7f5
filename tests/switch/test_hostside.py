"""The acquirer's side of a payment: when it is worded, and what its answer may mean."""

from dataclasses import replace

import pytest

from pointsman.store.parties import Acquirer
from pointsman.store.records import State
from pointsman.switch.desk import Desk
from pointsman.switch.hostside import HostSide
from pointsman.switch.requests import Refusal
from tests.switch.lives import ALPHA, CURRENT, HOST, approved_sale, desk, host_answer
from tests.switch.lives import message as golden_message
from tests.switch.lives import payment as read_payment

SALE = "cup-sale-swipe-pin-req"
ASKED = "000000010000"


def side(name: str = SALE, *, lent: Desk | None = None, **changes: str | None) -> HostSide:
    given = golden_message(name, **changes)
    return HostSide(read_payment(given), lent or desk(), given.fields)


def able(yes: str) -> str:
    """Field 60 of a terminal that can (1) or cannot (0) take a partial approval."""
    return f"2200001200060{yes}"


def without_mac_key() -> Acquirer:
    return replace(ALPHA, zak=None)


def test_a_message_is_worded_once_and_keeps_its_number() -> None:
    numbers = iter(["000001", "000002"])
    host = side(lent=replace(desk(), host_stan_of=lambda _: next(numbers)))
    assert host.prepare(None) is None
    first = host.message
    assert host.prepare(None) is None
    assert host.message is first
    assert first is not None
    assert first.stan == "000001"


def test_without_numbers_nothing_is_worded() -> None:
    dry = side(lent=replace(desk(), host_stan_of=lambda _: None))
    unnumbered = side(lent=replace(desk(), rrn=""))
    for host in (dry, unnumbered):
        assert host.prepare(None) == Refusal("96", None, "no number to give")
        assert host.message is None
        assert host.parts(CURRENT) == (None, None)


def test_a_follow_up_goes_where_its_original_went() -> None:
    beta = replace(ALPHA, name="beta", institution="00099900")
    lent = replace(desk(), acquirer_of=lambda name: {"alpha": ALPHA, "beta": beta}[name])
    host = side("cup-void-req", lent=lent)
    assert host.prepare(replace(approved_sale(), acquirer="beta")) is None
    assert host.acquirer is beta


def test_what_is_told_first_asks_the_hsm_for_nothing_yet() -> None:
    host = side("cup-offline-sale-advice-req")
    assert host.prepare(None) is None
    assert host.parts(CURRENT) == (None, None)
    told = host.told_first("00", "0315")
    assert (told["39"], told["15"], told["32"]) == ("00", "0315", ALPHA.institution)


def test_the_pin_is_translated_from_the_terminals_key_to_the_zones() -> None:
    host = side()
    host.prepare(None)
    pin, message = host.parts(CURRENT)
    assert pin is not None
    assert message is not None
    assert (pin.source, pin.target) == (CURRENT.tpk, ALPHA.zpk)
    assert message.mac_key == ALPHA.zak


@pytest.mark.parametrize(
    ("code", "amount", "capability", "usable"),
    [
        ("00", None, "0", True),
        ("51", None, "0", True),
        ("", None, "0", False),
        ("10", "000000004000", "1", True),
        ("10", ASKED, "1", True),
        ("10", "000000010001", "1", False),  # more than was asked for
        ("10", "000000000000", "1", False),  # a part that is nothing
        ("10", None, "1", False),  # how much is not said
        ("10", "000000004000", "0", False),  # the terminal cannot take a part
        ("10", "000000004000", "", False),
    ],
)
def test_a_partial_approval_counts_only_where_terminal_and_amount_allow_it(
    code: str, amount: str | None, capability: str, *, usable: bool
) -> None:
    host = side(f4=ASKED, f60=able(capability))
    answer = {39: code} | ({4: amount} if amount is not None else {})
    assert host.is_usable(answer) is usable


def test_an_answer_without_mac_counts_only_where_the_link_has_no_key() -> None:
    bare = HOST.decode(HOST.encode("0210", {3: "000000", 39: "00"}))
    host = side()
    host.prepare(None)
    assert host.lacks_mac(bare)
    assert not host.lacks_mac(host_answer())
    open_line = side(lent=replace(desk(), acquirer_of=lambda _: without_mac_key()))
    open_line.prepare(None)
    assert not open_line.lacks_mac(bare)
    assert open_line.mac_check(host_answer()) is None


def test_a_partial_approval_is_recorded_with_its_own_amount() -> None:
    host = side(f4=ASKED, f60=able("1"))
    host.prepare(None)
    answer = {39: "10", 4: "000000004000", 38: "AB1234"}
    outcome = host.outcome(answer)
    assert (outcome.state, outcome.approved_minor) == (State.APPROVED, 4000)
    assert outcome.answer["4"] == "000000004000"
    declined = host.outcome({39: "51"})
    assert (declined.state, declined.approved_minor) == (State.DECLINED, 0)
    assert "38" not in declined.answer


@pytest.mark.parametrize(
    ("begun", "answered", "counts"),
    [
        *[("0316", "", "0316"), ("0316", "0317", "0317"), ("", "0317", "0317"), ("", "", "0315")],
        *[("0316", "1301", "0316"), ("0316", "0000", "0316"), ("0316", "0230", "0316")],
        *[("", "0230", "0315"), ("0228", "0229", "0229")],
    ],
)
def test_the_answers_settlement_date_counts_else_the_one_that_it_was_sent_with(
    begun: str, answered: str, counts: str
) -> None:
    host = side(lent=replace(desk(), settlement_of=lambda _: begun))
    host.prepare(None)
    assert host.message is not None
    assert host.message.kept.get("15", "") == begun
    outcome = host.outcome({39: "00", 38: "AB1234"} | ({15: answered} if answered else {}))
    assert outcome.answer["15"] == counts
    assert outcome.host_date == (answered if counts == answered else begun)


@pytest.mark.parametrize("code", ["68", "96", "98"])
def test_an_acquirer_that_does_not_know_leaves_it_in_doubt(code: str) -> None:
    host = side()
    host.prepare(None)
    outcome = host.outcome({39: code})
    assert (outcome.state, outcome.owe, outcome.answer["39"]) == (State.UNKNOWN, True, code)
    refund = side("cup-refund-req")
    refund.prepare(approved_sale())
    outcome = refund.outcome({39: code})
    assert (outcome.state, outcome.owe, outcome.answer["39"]) == (State.UNKNOWN, True, "98")
    balance = side("cup-balance-chip-req")
    balance.prepare(None)
    outcome = balance.outcome({39: code})
    assert (outcome.state, outcome.owe, outcome.answer["39"]) == (State.DECLINED, False, code)
