"""The frame: headers of every answer, bodies that are too large, counters without paths."""

from typing import Any

import trio
from prometheus_client import CollectorRegistry
from starlette.types import Receive, Scope, Send

from pointsman.console.app import make_app
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.frame import BODY_SIZE_MAX, Frame
from pointsman.console.rights import Role
from tests.console.browser import EFFECTS, Browser, furnished, person


async def test_every_answer_has_its_id_and_the_headers_that_keep_a_browser_safe(
    database: str,
) -> None:
    browser = Browser(make_app(await furnished(database)))
    for path in ("/sign-in", "/v1/payments", "/nowhere", "/static/ui.css", "/health/live"):
        headers = (await browser.get(path)).headers
        assert headers["request-id"].startswith("req_")
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_head_tells_what_get_does_without_a_body(database: str) -> None:
    office = await furnished(database)
    stranger = Browser(make_app(office))
    reader = await person(office, Role.PLATFORM_ADMIN)
    for browser, path, status in (
        (reader, "/", 200),
        (reader, "/payments?state=declined", 200),
        (reader, "/v1/merchants", 200),
        (reader, "/v1/payments/pay_none", 404),
        (reader, "/export/payments?format=csv", 405),
        (stranger, "/sign-in", 200),
        (stranger, "/health/ready", 200),
        (stranger, "/payments", 303),
        (stranger, "/v1/payments", 401),
    ):
        told = await browser.ask("HEAD", path)
        assert (told.status, told.body) == (status, b""), path
        if status != 405:
            read = await browser.get(path)
            assert read.status == status, path
            for name in ("content-type", "location"):
                assert told.headers.get(name) == read.headers.get(name), path
    described = (await stranger.get("/openapi.json")).json["paths"]
    assert not any("head" in methods for methods in described.values())


async def test_a_body_that_is_too_large_is_refused(database: str) -> None:
    browser = Browser(make_app(await furnished(database)))
    answer = await browser.post("/sign-in", {"login": "x" * BODY_SIZE_MAX})
    assert answer.status == 413


async def test_counters_name_routes_and_never_what_was_typed(database: str) -> None:
    browser = Browser(make_app(await furnished(database)))
    await browser.get("/v1/payments/pay_secret-thing")
    await browser.get("/wp-admin/secret-thing")
    page = (await browser.get("/metrics")).text
    assert "secret-thing" not in page
    assert 'route="/v1/payments/{payment_id}",status_class="4xx"' in page
    assert 'pointsman_http_requests_total{route="none",status_class="4xx"}' in page


async def test_a_request_that_takes_too_long_is_a_problem_that_claims_nothing() -> None:
    async def never(_: Scope, __: Receive, ___: Send) -> None:
        await trio.sleep_forever()

    frame = Frame(never, ConsoleMetrics(CollectorRegistry()), EFFECTS)
    frame.request_s_max = 0.01
    browser = Browser(frame)
    codes: list[Any] = []
    for method, more in (("GET", {}), ("POST", {}), ("POST", {"idempotency-key": "k"})):
        answer = await browser.ask(method, "/v1/refunds", more=more)
        assert answer.status == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["request_id"] == answer.headers["request-id"]
        codes.append((answer.json["code"], "same Idempotency-Key" in answer.json["detail"]))
    assert codes == [
        ("journal_unavailable", False),
        ("outcome_unknown", False),
        ("outcome_unknown", True),
    ]
