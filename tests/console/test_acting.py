"""How acts are asked: kinds of bodies, and OpenAPI that tells each of them."""

from pointsman.console.rights import Role
from tests.console.browser import furnished, person


async def test_a_body_must_be_json_and_its_schema_is_told(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    form = await admin.send("POST", "/v1/outlets", b"a=b", key="k", content_type="text/html")
    assert (form.status, form.json["code"]) == (415, "unsupported_format")
    broken = await admin.send("POST", "/v1/outlets", b'{"mid":', key="k")
    assert (broken.status, broken.json["code"]) == (400, "malformed_json")
    huge = await admin.send("POST", "/v1/outlets", b" " * 70_000, key="k")
    assert (huge.status, huge.json["code"]) == (413, "too_large")
    told = (await admin.get("/openapi.json")).json
    asked = told["paths"]["/v1/outlets"]["post"]
    schema = asked["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/NewOutletBody"}
    assert told["components"]["schemas"]["NewOutletBody"]["additionalProperties"] is False
    assert "Idempotency-Key" in {one["name"] for one in asked["parameters"]}
