"""What waits for a person: counted within reach, never one's own request, the gravest first."""

import trio

from pointsman.console.app import make_office
from pointsman.console.lamps import Lamps
from pointsman.console.rights import Role
from tests.console.browser import EFFECTS, KEY, OPEN, furnished, person
from tests.console.test_lamps import http, serve
from tests.console.test_linklook import page
from tests.console.test_parking import one_parked
from tests.console.test_policies import ask as asked_limits


async def kinds(browser: object) -> list[str]:
    answer = await browser.get("/v1/attention")  # type: ignore[attr-defined] # a Browser
    return [one["kind"] for one in answer.json["data"]]


async def test_what_is_parked_waits_for_operators_and_its_merchant(database: str) -> None:
    office = await furnished(database)
    assert await kinds(await person(office, Role.OPERATOR)) == []
    await one_parked(database)
    assert "parked" in await kinds(await person(office, Role.OPERATOR))
    assert await kinds(await person(office, Role.MERCHANT_OWNER, "898100053319999")) == []


async def test_an_application_waits_for_who_may_take_it(database: str) -> None:
    office = await furnished(database)
    stranger = await person(office, Role.MERCHANT_OWNER)
    body = {
        "name": "New Shop",
        "mcc": "5812",
        "city": "Shanghai",
        "country": "CN",
        "login": "newshop",
        "contact": "call us",
    }
    answer = await stranger.send("POST", "/v1/applications", body, key="a1")
    assert answer.status < 300, answer.text
    assert "applications" in await kinds(await person(office, Role.PLATFORM_ADMIN))
    assert "applications" not in await kinds(await person(office, Role.OPERATOR))


async def test_a_decision_waits_only_for_who_may_take_it(database: str) -> None:
    office = await furnished(database)
    operator = await person(office, Role.OPERATOR)
    assert (await asked_limits(operator, {"day_count_max": 3})).status == 202
    assert "approvals" in await kinds(await person(office, Role.PLATFORM_ADMIN))
    owner = await person(office, Role.MERCHANT_OWNER)
    assert len((await owner.get("/v1/approvals?state=open")).json["data"]) == 1
    assert "approvals" not in await kinds(owner)


async def test_links_are_told_with_their_lamps_and_cut_off_ones_wait(database: str) -> None:
    await furnished(database)
    asked: list[bytes] = []
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")

        async def one(stream: trio.SocketStream) -> None:
            await serve(http(page("alpha/0", up=0)), asked, stream)

        nursery.start_soon(trio.serve_listeners, one, [listener])
        lamps = Lamps([("127.0.0.1", listener.socket.getsockname()[1])], 60.0, EFFECTS)
        office = make_office(database, KEY, EFFECTS, mode="test", lamps=lamps)
        OPEN.append(office)
        ann = await person(office, Role.OPERATOR)
        found = (await ann.get("/v1/lamps")).json
        assert found["lamps"] == "seen"
        (acquirer,) = [one for one in found["data"] if one["links"]]
        assert acquirer["links"][0]["state"] == "cut_off"
        assert (await kinds(ann))[0] == "link_cut_off"
        assert "not connected" in (await ann.get("/links")).text
        nursery.cancel_scope.cancel()


async def test_links_that_cannot_be_seen_say_why(database: str) -> None:
    office = await furnished(database)
    ann = await person(office, Role.OPERATOR)
    assert (await ann.get("/v1/lamps")).json["lamps"] == "off"
    assert "metrics.workers" in (await ann.get("/links")).text
    assert (await (await person(office, Role.MERCHANT_OWNER)).get("/v1/lamps")).status == 403
