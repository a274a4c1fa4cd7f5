"""How OpenAPI 3.1 tells a route: parameters, headers, body, answers, and an example of each.

A core. Made of the route's row (row.py), of its list (store/listing.py) and of its body and answer
(wants.py, answers.py): nothing is described twice. Examples are put together of the members' own,
and tests send them.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.console import answers, listing, problems
from pointsman.console.answers import members
from pointsman.console.payments import Document
from pointsman.console.row import EXPANSIONS, LISTS, Row
from pointsman.reports.period import PARAMETERS
from pointsman.store.listing import Field, Kind, Listing

PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/{name}"
BODY = "{name}Body"
"""Bodies have names of their own: what is asked for and what is answered may be called the same."""
API_VERSION = "2026-11-22"
_DEPTH_MAX = 8
_IDS = {
    "payment_id": "pay",
    "refund_id": "ref",
    "approval_id": "apr",
    "outlet_id": "out",
    "user_id": "usr",
    "key_id": "key",
    "application_id": "app",
    "letter_id": "let",
    "run_id": "run",
    "job_id": "job",
    "card_id": "crd",
}
_TYPES: Mapping[Kind, Mapping[str, object]] = {
    Kind.COUNT: {"type": "string", "pattern": "^[0-9]{1,18}(,[0-9]{1,18})*$"},
    Kind.DATE: {"type": "string", "examples": ["2026-11-20"]},
    Kind.MOMENT: {"type": "string", "examples": ["2026-11-20T08:30:00Z"]},
}
PROBLEM_SCHEMA: Document = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id", "retryable"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "enum": [code.value for code in problems.Code]},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def list_of(row: Row) -> Listing | None:
    """Return the list that a route tells, by its path."""
    name = row.path.removeprefix("/v1/")
    return LISTS.get(name) if row.method == "GET" else None


def parameters(row: Row, *, keyed: bool, once: bool, matched: bool) -> list[Document]:
    """Return a route's parameters: in its path, its query and its headers."""
    which = list_of(row)
    found = [
        {"name": name, "in": "path", "required": True, "schema": _in_path(name)}
        for name in re.findall("{([a-z_]+)}", row.path)
    ]
    found += [
        {"name": name, "in": "query", "required": False, "schema": _in_query(name, row, which)}
        for name in sorted(row.parameters)
    ]
    if keyed or once:
        found.append(_header("Idempotency-Key", required=keyed, maxLength=128, minLength=1))
    if matched:
        found.append(_header("If-Match", required=True, minLength=1))
    return found


def body(kind: type[msgspec.Struct]) -> tuple[Document, Document]:
    """Return how a body is told, and the schemas that it is made of."""
    template = REFERENCE.format(name=BODY)
    (schema,), found = msgspec.json.schema_components((kind,), ref_template=template)
    parts = {BODY.format(name=name): one for name, one in found.items()}
    content = {"schema": schema, "example": example(schema, parts)}
    return {"required": True, "content": {"application/json": content}}, parts


def responses(row: Row, *, matched: bool) -> dict[int | str, dict[str, object]]:
    """Return what a route may answer."""
    problem = {"content": {PROBLEM: {"schema": {"$ref": REFERENCE.format(name="Problem")}}}}
    codes = {400: "A parameter is wrong", 422: "A value is wrong"}
    if not row.public:
        codes |= {401: "Nobody we know", 403: "Without the right"}
    if not row.public or row.method == "POST":
        codes[429] = "Too many requests: Retry-After says when"
    if "{" in row.path:
        codes[404] = "Not found, or not within reach"
    if row.method != "GET":
        codes |= {409: "The state does not allow it", 413: "Too large", 415: "JSON is expected"}
        codes[404] = "Not found, or not within reach"
    if matched:
        codes |= {412: "It was changed meanwhile", 428: "If-Match is needed"}
    if row.path.endswith("/file"):
        codes |= {409: "It is not made yet", 410: "The link has expired"}
    codes[503] = "The database, the HSM or the switch does not answer"
    told: dict[int | str, dict[str, object]] = {}
    for status in answers.STATUS.get((row.method, row.path), (200,)):
        told[status] = {"description": "Done", "content": _content(row), "headers": _told(row)}
    for code, text in codes.items():
        told[code] = {"description": text, **problem}
    return told


def example(schema: Mapping[str, Any], parts: Mapping[str, Any], depth: int = 0) -> object:
    """Return an example of a JSON schema, put together of those of its members."""
    if "$ref" in schema:
        return example(parts[schema["$ref"].rsplit("/", 1)[1]], parts, depth + 1)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        some = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return example(some[0], parts, depth)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            wanted = set(schema.get("required", ()))
            return {
                name: example(one, parts, depth + 1)
                for name, one in schema.get("properties", {}).items()
                if name in wanted or _shows(one)
            }
        case "array":
            inner = schema.get("items", {})
            return [example(inner, parts, depth + 1)] if inner and depth < _DEPTH_MAX else []
        case "integer":
            return int(schema.get("minimum", 0))
        case "boolean":
            return False
        case "string":
            return ""
        case _:
            return None


def _shows(schema: Mapping[str, Any]) -> bool:
    """Say whether a member that may be left out has an example of its own."""
    return "examples" in schema or any("examples" in one for one in schema.get("anyOf", ()))


def _content(row: Row) -> Document:
    media = answers.OTHER_MEDIA.get(row.path)
    if media is not None:
        return {media: {"schema": {"type": "string"}}}
    shape = answers.SHAPES.get((row.method, row.path))
    if shape is None:
        return {"application/json": {"schema": {"type": "object"}}}
    (schema,), parts = msgspec.json.schema_components((shape,), ref_template=REFERENCE)
    if row.parameters & {"fields"}:  # some members may be left out: those that come fit
        schema = {"anyOf": [schema, {"type": "object", "description": "with `fields`: some of it"}]}
        return {"application/json": {"schema": schema, "example": example(schema, parts)}}
    return {"application/json": {"schema": schema, "example": example(schema, parts)}}


def _told(row: Row) -> Document:
    names = ["Request-Id", "API-Version"]
    if not row.public:
        names += ["RateLimit", "RateLimit-Policy"]
    if row.method == "POST":
        names.append("Idempotency-Replayed")
    return {name: {"schema": {"type": "string"}} for name in names}


def _header(name: str, *, required: bool, **bounds: object) -> Document:
    schema = {"type": "string", **bounds}
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _in_path(name: str) -> Document:
    if name in _IDS:
        return {"type": "string", "pattern": f"^{_IDS[name]}_[0-9a-z]{{26}}$"}
    if name in {"business_date", "settlement_date"}:
        return {"type": "string", "format": "date"}
    return {"type": "string", "minLength": 1}


def _in_query(name: str, row: Row, which: Listing | None) -> Mapping[str, object]:
    field = name.partition("[")[0]
    match name:
        case "limit":
            return {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
        case "sort" if which is not None:
            return {"type": "string", "enum": listing.sorts(which), "default": which.usual}
        case "include":
            return {"type": "string", "enum": [listing.INCLUDED]}
        case "after" | "before" if which is not None:
            return {"type": "string", "maxLength": 1000, "description": "a cursor of a page"}
        case "fields":
            shape = answers.SHAPES[row.method, row.path]
            return {"type": "string", "description": f"of {', '.join(sorted(members(shape)))}"}
        case "expand":
            words = EXPANSIONS[row.path.split("/")[2]]
            return {"type": "string", "description": f"of {', '.join(words)}"}
        case _ if which is not None and field in which.fields:
            return _of_field(which.fields[field])
        case _ if name in PARAMETERS:
            return {"type": "string", "maxLength": 300, "description": "see docs/reports.md"}
        case _:
            return {"type": "string", "maxLength": 300}


def _of_field(one: Field) -> Mapping[str, object]:
    match one.kind:
        case Kind.CHOICE:
            return {"type": "string", "description": f"of {', '.join(one.choices)}, with commas"}
        case Kind.ID:
            pattern = f"^{one.prefix}_[0-9a-z]{{26}}(,{one.prefix}_[0-9a-z]{{26}})*$"
            return {"type": "string", "pattern": pattern}
        case Kind.TEXT:
            return {"type": "string", "maxLength": 300}
        case kind:
            return _TYPES[kind]
