"""The description: bodies and answers of every route, and examples that do what they show."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.console import ids
from pointsman.console.answers import SHAPES, STATUS
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from tests.console.browser import Browser, furnished, person
from tests.store.house import MID, transaction, worker

NOT_SENT = {
    "/v1/session:step_up",  # a code of the moment
    "/v1/outbox/{letter_id}:show",
    "/v1/approvals/{approval_id}:approve",  # the body of :reject
}


def examples(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if "requestBody" in told:
                content = told["requestBody"]["content"]["application/json"]
                found[method.upper(), path] = content["example"]
    return found


async def described(admin: Browser) -> dict[str, Any]:
    return dict((await admin.get("/openapi.json")).json)


async def test_what_changes_something_tells_its_body_and_its_key(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    told = await described(admin)
    found = examples(told)
    for method, path in ROUTES:
        if not path.startswith("/v1/") or method == "GET":
            continue
        assert (method, path) in found, path
        names = {one["name"] for one in told["paths"][path][method.lower()]["parameters"]}
        if 201 in STATUS.get((method, path), ()) and path != "/v1/applications":
            assert "Idempotency-Key" in names, path
        if method in {"PUT", "PATCH", "DELETE"}:
            assert "If-Match" in names


async def test_every_reference_of_the_description_is_there(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    answer = await admin.get("/openapi.json")
    schemas = answer.json["components"]["schemas"]
    for part in answer.text.split('"$ref":"')[1:]:
        assert part.split('"')[0].rsplit("/", 1)[1] in schemas


async def test_what_is_asked_for_and_what_is_answered_have_names_of_their_own(
    database: str,
) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    told = await described(admin)
    components = told["components"]["schemas"]
    for (method, path), shape in SHAPES.items():
        answer = told["paths"][path][method.lower()]["responses"]
        status = str(min(STATUS.get((method, path), (200,))))
        schema = answer[status]["content"]["application/json"]["schema"]
        schema = schema["anyOf"][0] if "anyOf" in schema else schema
        name = schema["$ref"].rsplit("/", 1)[1]
        assert set(components[name]["properties"]) == {
            one.encode_name for one in msgspec.structs.fields(shape)
        }, (method, path)


EMPTY: Mapping[str, Any] = {}


class Sender:
    """Sends the example of a body, with what must be of this database put in."""

    def __init__(self, examples: dict[tuple[str, str], dict[str, Any]]) -> None:
        self.examples = examples
        self.sent: set[tuple[str, str]] = set()

    async def send(
        self,
        who: Browser,
        method: str,
        path: str,
        given: Mapping[str, Any] = EMPTY,
        **names: str,
    ) -> dict[str, Any]:
        body = {**self.examples[method, path], **given}
        target = path
        for name, value in names.items():
            target = target.replace("{" + name + "}", value)
        headers = {}
        if method in {"PATCH", "PUT"}:
            headers["if_match"] = (await who.get(target)).headers["etag"]
        answer = await who.send(method, target, body, key=str(len(self.sent)), **headers)
        statuses = STATUS.get((method, path), (200,))
        assert answer.status in statuses, (path, body, answer.text)
        msgspec.json.decode(answer.body, type=SHAPES[method, path])
        self.sent.add((method, path))
        return dict(msgspec.json.decode(answer.body))


async def parties(sender: Sender, admin: Browser) -> None:
    send = sender.send
    other = {"mid": "898100053317777"}
    await send(admin, "POST", "/v1/merchants", other)
    await send(admin, "PATCH", "/v1/merchants/{mid}", mid=MID)
    outlet = (await send(admin, "POST", "/v1/outlets"))["id"]
    await send(admin, "PATCH", "/v1/outlets/{outlet_id}", outlet_id=outlet)
    await send(admin, "POST", "/v1/terminals", {"tid": "00000099"})
    tid = "00000099"
    await send(admin, "PATCH", "/v1/terminals/{mid}/{tid}", mid=MID, tid=tid)
    for word in ("suspend", "activate"):
        await send(admin, "POST", f"/v1/terminals/{{mid}}/{{tid}}:{word}", mid=MID, tid=tid)
        await send(admin, "POST", f"/v1/merchants/{{mid}}:{word}", mid=MID)
    await send(admin, "POST", "/v1/terminals/{mid}/{tid}:move", other, mid=MID, tid=tid)


async def people(sender: Sender, admin: Browser) -> None:
    send = sender.send
    await send(admin, "POST", "/v1/invitations")
    await send(admin, "POST", "/v1/api_keys")
    key = (await admin.get("/v1/api_keys")).json["data"][0]["id"]
    await send(admin, "POST", "/v1/api_keys/{key_id}:revoke", key_id=key)
    users = (await admin.get("/v1/users?role=merchant_viewer")).json["data"]
    user = users[0]["id"]
    role = {"role": "merchant_staff", "mid": MID}
    await send(admin, "POST", "/v1/users/{user_id}:give_role", role, user_id=user)
    await send(admin, "POST", "/v1/users/{user_id}:take_role", role, user_id=user)
    await send(admin, "POST", "/v1/users/{user_id}:end_sessions", user_id=user)
    await send(admin, "POST", "/v1/users/{user_id}:reset", user_id=user)
    await send(admin, "POST", "/v1/users/{user_id}:close", user_id=user)
    stranger = Browser(admin.app)
    for word, given in (("approve", {"mid": "898100053318888"}), ("reject", {})):
        applied = (await send(stranger, "POST", "/v1/applications", {"login": f"x-{word}"}))["id"]
        path = f"/v1/applications/{{application_id}}:{word}"
        await send(admin, "POST", path, given, application_id=applied)


async def test_the_examples_of_bodies_do_what_they_show(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        paid = await house.approve(transaction(1, amount=50_000))
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    await person(office, Role.MERCHANT_VIEWER)
    sender = Sender(examples(await described(admin)))
    await parties(sender, admin)
    limit = {"amount": 1}
    path = "/v1/merchants/{mid}:set_refund_limit"
    await sender.send(admin, "POST", path, limit, mid=MID)
    payment = {"payment": ids.encode(PREFIX, paid.id)}
    await sender.send(owner, "POST", "/v1/refunds", payment)
    waiting = (await admin.get("/v1/approvals?state=open")).json["data"][0]["id"]
    reject = "/v1/approvals/{approval_id}:reject"
    await sender.send(admin, "POST", reject, approval_id=waiting)
    await sender.send(admin, "PUT", "/v1/merchants/{mid}/limits", mid=MID)
    card = (await sender.send(admin, "POST", "/v1/blacklist", payment))["id"]
    await sender.send(admin, "POST", "/v1/blacklist/{card_id}:remove", card_id=card)
    await sender.send(owner, "POST", "/v1/tools/decode")
    await people(sender, admin)
    await sender.send(admin, "POST", "/v1/report_runs")
    view = {"list": "payments", "name": "Mine", "query": "state=declined"}
    await sender.send(admin, "POST", "/v1/views:save", view)
    named = {"list": "payments", "name": "Mine"}
    await sender.send(admin, "POST", "/v1/views:remove", named)
    await sender.send(admin, "POST", "/v1/drafts/{form}:save", form="merchant")
    await sender.send(admin, "POST", "/v1/audit_events:verify")
    left = {path for method, path in sender.examples if (method, path) not in sender.sent}
    of_two = {path for path in left if path.startswith("/v1/exceptions/")}
    assert left - of_two == NOT_SENT
