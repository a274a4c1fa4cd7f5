"""The application: whatever fails is told as a problem, with nothing of what failed in it."""

import pytest
import trio
from starlette.requests import Request

from pointsman.console.app import _problem_of, make_app
from pointsman.console.problems import Code
from pointsman.store.console_pool import OutcomeUnknownError
from tests.console.browser import Browser, furnished

SECRET = "4111111111111111"  # a public test card
REQUEST = Request({"type": "http", "headers": []})


def test_a_failure_is_told_without_its_text() -> None:
    with pytest.raises(ValueError, match=SECRET) as failed:
        int(SECRET + "x")
    problem = _problem_of(failed.value, REQUEST)
    assert problem.code is Code.INTERNAL
    assert SECRET not in str(problem)
    busy = _problem_of(trio.TooSlowError(), REQUEST)
    assert (busy.code, busy.kind.retryable) == (Code.JOURNAL_UNAVAILABLE, True)


def test_an_act_whose_commit_was_not_answered_claims_neither() -> None:
    keyed = Request({"type": "http", "headers": [(b"idempotency-key", b"k")]})
    for request, word in ((keyed, "same Idempotency-Key"), (REQUEST, "Read it again")):
        problem = _problem_of(OutcomeUnknownError("no result"), request)
        assert (problem.code, problem.kind.status) == (Code.OUTCOME_UNKNOWN, 503)
        assert problem.kind.retryable
        assert word in problem.detail


async def test_what_is_not_there_is_a_problem_for_machines_and_a_page_for_people(
    database: str,
) -> None:
    browser = Browser(make_app(await furnished(database)))
    machine = await browser.get("/v1/nothing")
    assert (machine.status, machine.json["code"]) == (404, "not_found")
    page = await browser.get("/nothing")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (await browser.ask("DELETE", "/v1/merchants")).status == 405
