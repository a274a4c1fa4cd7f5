"""The chain of the audit log, and the limit that keeps a storm of refusals out of it."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.audit import (
    GENESIS,
    REFUSALS_MAX_PER_S,
    AuditEvent,
    Chain,
    RefusalLimit,
    link,
    verify,
)

REFUSED = AuditEvent("NewKey", "refused", "role")
DONE = AuditEvent("NewKey", "ok")
events = st.builds(AuditEvent, st.text(max_size=20), st.text(max_size=9), st.text(max_size=40))


@given(st.lists(events, max_size=6))
def test_whatever_is_recorded_verifies_and_is_one_line_each(recorded: list[AuditEvent]) -> None:
    chain = Chain(b"key")
    lines = [chain.line(n, "operator", 0, event) for n, event in enumerate(recorded)]
    assert not any("\n" in line for line in lines)
    found = verify(b"key", lines, (chain.sequence, chain.digest))
    assert (found.records, found.digest, found.fault) == (len(recorded), chain.digest, "")


def test_a_link_covers_what_came_before() -> None:
    assert link(b"key", GENESIS, "a") != link(b"key", link(b"key", GENESIS, "a"), "a")
    assert link(b"key", GENESIS, "a") != link(b"other", GENESIS, "a")


def test_numbers_must_run() -> None:
    first, second = Chain(b"key"), Chain(b"key", 1)
    second.digest = GENESIS
    lines = [second.line(0, "operator", 0, DONE)]
    found = verify(b"key", lines)
    assert (found.records, found.fault) == (0, "record 1 has another number")
    assert verify(b"key", [first.line(0, "operator", 0, DONE)]).fault == ""
    digest = link(b"key", GENESIS, "no json").hex()
    assert verify(b"key", [f"no json\t{digest}"]).fault == "record 1 has another number"


def test_refusals_beyond_the_limit_are_counted_and_told_in_the_next_second() -> None:
    limit = RefusalLimit()
    written = [limit.pass_on(7, REFUSED) for _ in range(REFUSALS_MAX_PER_S + 5)]
    assert written.count([REFUSED]) == REFUSALS_MAX_PER_S
    assert written[-1] == []
    assert limit.pass_on(7, DONE) == [DONE]  # acts are never left out
    told, event = limit.pass_on(8, REFUSED)
    assert told.reason == "5 refusals were only counted"
    assert event == REFUSED
    assert limit.pass_on(9, REFUSED) == [REFUSED]
