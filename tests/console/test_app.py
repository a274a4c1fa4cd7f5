"""The application: what is not there is told to machines and to people, each in their way."""

from pointsman.console.app import make_app
from tests.console.browser import Browser, furnished


async def test_what_is_not_there_is_a_problem_for_machines_and_a_page_for_people(
    database: str,
) -> None:
    browser = Browser(make_app(await furnished(database)))
    machine = await browser.get("/v1/nothing")
    assert (machine.status, machine.json["code"]) == (404, "not_found")
    page = await browser.get("/nothing")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (await browser.ask("DELETE", "/v1/merchants")).status == 405
