"""Each check finds what was planted for it, and nothing where all is well."""

import msgspec

from pointsman.sim.host_rows import HostRequest, HostRow, Outcome, Work
from tests.faults.checks import PROMISES, forwarded_twice, unexplained, without_intent

REQUEST = HostRequest(
    at="2026-11-22T00:00:00.000+00:00",
    key="1122000000-000001",
    mti="0200",
    work=Work.SALE,
    processing_code="000000",
    amount_minor=100,
    currency="156",
    mid="898100053310001",
    tid="12345678",
    rrn="632600000001",
    card="622848******0019",
    pin="none",
    outcome=Outcome.APPROVED,
    code="00",
    auth="123456",
    behaviour="answer",
)


def ledgers(*rows: HostRow) -> dict[str, list[HostRow]]:
    return {"alpha": list(rows), "beta": []}


def test_a_request_that_the_journal_has_is_in_order() -> None:
    assert without_intent(ledgers(REQUEST), {("alpha", REQUEST.key)}) == 0


def test_a_request_that_only_another_acquirer_was_to_get_is_found() -> None:
    assert without_intent(ledgers(REQUEST), {("beta", REQUEST.key)}) == 1
    assert without_intent(ledgers(REQUEST), set()) == 1


def test_a_request_sent_twice_is_found_and_a_marked_repeat_is_none() -> None:
    repeat = msgspec.structs.replace(REQUEST, mti="0221", outcome=Outcome.REPEAT)
    assert forwarded_twice(ledgers(REQUEST, repeat)) == 0
    again = msgspec.structs.replace(REQUEST, outcome=Outcome.DUPLICATE)
    assert forwarded_twice(ledgers(REQUEST, again)) == 1


def test_a_life_that_nobody_ended_is_found() -> None:
    assert unexplained({0: 2, 1: 1}, {"worker-0": 2, "worker-1": 1}) == 0
    assert unexplained({0: 3}, {"worker-0": 2}) == 1
    assert unexplained({2: 1}, {}) == 1


def test_every_violation_names_its_promise() -> None:
    assert all(promise.startswith("P") for promise in PROMISES.values())
