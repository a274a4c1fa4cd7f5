"""Whatever fails is told as a problem and one line of the log, with nothing of what failed."""

import json

import pytest
import trio
from starlette.requests import Request

from pointsman import log
from pointsman.console.app import make_app, make_office
from pointsman.console.failing import problem_of, tell_log
from pointsman.console.gate import COOKIE
from pointsman.console.problems import Code, Problem
from pointsman.store.console_pool import OutcomeUnknownError
from tests.console.browser import EFFECTS, KEY, OPEN, Browser

SECRET = "4111111111111111"  # a public test card
REQUEST = Request({"type": "http", "headers": []})


def test_a_failure_is_told_without_its_text() -> None:
    with pytest.raises(ValueError, match=SECRET) as failed:
        int(SECRET + "x")
    problem = problem_of(failed.value, REQUEST)
    assert problem.code is Code.INTERNAL
    assert SECRET not in str(problem)
    busy = problem_of(trio.TooSlowError(), REQUEST)
    assert (busy.code, busy.kind.retryable) == (Code.JOURNAL_UNAVAILABLE, True)


def test_an_act_whose_commit_was_not_answered_claims_neither() -> None:
    keyed = Request({"type": "http", "headers": [(b"idempotency-key", b"k")]})
    for request, word in ((keyed, "same Idempotency-Key"), (REQUEST, "Read it again")):
        problem = problem_of(OutcomeUnknownError("no result"), request)
        assert (problem.code, problem.kind.status) == (Code.OUTCOME_UNKNOWN, 503)
        assert problem.kind.retryable
        assert word in problem.detail


async def test_what_we_cannot_answer_leaves_one_line_that_names_request_route_and_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    office = make_office("host=/nowhere dbname=none", KEY, EFFECTS, mode="test")
    browser = Browser(make_app(office), cookies={COOKIE: SECRET})
    log.setup("console")
    ready = await browser.get("/health/ready")
    page = await browser.get(f"/payments/{SECRET}?mid={SECRET}")
    assert (ready.status, page.status) == (503, 503)
    written = capsys.readouterr().err
    assert SECRET not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert [(line["event"], line["route"], line["request"]) for line in lines] == [
        ("request_not_served", "/health/ready", ready.headers["request-id"]),
        ("request_not_served", "/payments/{payment_id}", page.headers["request-id"]),
    ]
    assert {line["reason"] for line in lines} == {"cannot connect: OperationalError"}


def _request() -> Request:
    return Request(
        {
            "type": "http",
            "headers": [],
            "path": f"/{SECRET}",
            "state": {"request_id": "req_1"},
        }
    )


@pytest.mark.parametrize(
    ("error", "event", "told"),
    [
        (Problem(Code.HSM_UNAVAILABLE, SECRET), "request_not_served", "hsm_unavailable"),
        (trio.TooSlowError(SECRET), "request_not_served", "no answer in time"),
        (ValueError(SECRET), "request_failed", "ValueError"),
    ],
)
def test_a_line_of_the_log_holds_no_text_of_what_failed(
    error: Exception, event: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup("console")
    with pytest.raises(type(error)) as raised:
        raise error
    tell_log(problem_of(raised.value, _request()), raised.value, _request())
    written = capsys.readouterr().err
    line = json.loads(written)
    assert SECRET not in written
    assert (line["event"], line["request"], line["route"]) == (event, "req_1", "none")
    assert told in (line.get("reason"), line.get("error"))


async def test_an_address_that_knows_other_methods_names_them(database: str) -> None:
    office = make_office(database, KEY, EFFECTS, mode="test")
    OPEN.append(office)
    browser = Browser(make_app(office))
    for method, path, allowed in (
        ("DELETE", "/v1/payments", "GET, HEAD"),
        ("PUT", "/v1/merchants/898100053310001", "GET, HEAD, PATCH"),
        ("PATCH", "/v1/merchants", "GET, HEAD, POST"),
        ("DELETE", "/sign-in", "GET, HEAD, POST"),
    ):
        answer = await browser.ask(method, path)
        assert (answer.status, answer.headers["allow"]) == (405, allowed), path
