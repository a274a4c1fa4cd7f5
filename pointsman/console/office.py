"""The parts of the back office in one value, and the one way to add a route.

A route is added with its row of routes.py or not at all: the gate checks it, and OpenAPI tells its
parameters. What the routes do is in api.py and pages.py; around all stands frame.py.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console.applying import Applying
from pointsman.console.approving import Approving
from pointsman.console.changing import Changing
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.exports import Exports
from pointsman.console.gate import Ask, Gate
from pointsman.console.keyring import Keyring
from pointsman.console.onboarding import Onboarding
from pointsman.console.once import Once
from pointsman.console.parking import Parking
from pointsman.console.payments import Document
from pointsman.console.places import PlaceReading
from pointsman.console.reading import Reading
from pointsman.console.refunding import Refunding
from pointsman.console.reporting import Reporting
from pointsman.console.routes import ROUTES, Row
from pointsman.console.shapes import SHAPES
from pointsman.console.signing import Signing
from pointsman.console.staffing import Staffing
from pointsman.console.wire import Wire
from pointsman.effects import Effects
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_reads import Reads
from pointsman.store.console_refunds import Refunds

Handler = Callable[[Ask, Request], Awaitable[Document | Response]]
PROBLEM = "application/problem+json"
_REFERENCE = "#/components/schemas/{name}"
_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that a route may use."""

    pool: ConsolePool
    people: People
    reads: Reads
    reading: Reading
    reporting: Reporting
    exports: Exports
    wire: Wire
    changing: Changing
    once: Once
    onboarding: Onboarding
    places: PlaceReading
    refunds: Refunds
    refunding: Refunding
    approving: Approving
    signing: Signing
    staffing: Staffing
    parking: Parking
    keyring: Keyring
    applying: Applying
    gate: Gate
    metrics: ConsoleMetrics
    effects: Effects
    mode: str  # demo, test or live: the band over every page


class Routes:
    """Adds routes to an application."""

    def __init__(self, app: FastAPI, office: Office) -> None:
        self._app = app
        self._office = office

    def add(
        self,
        method: str,
        path: str,
        handle: Handler,
        *,
        shown: bool = True,
        body: type[msgspec.Struct] | None = None,
        keyed: bool = False,
    ) -> None:
        """Add a route; raises KeyError where routes.py has no row for it.

        `body` is what its JSON body says, `keyed` says that it needs an idempotency key.
        """
        row = ROUTES[method, path]
        extra = _described(row)
        if body is not None:
            extra |= self._typed(body)
        if keyed:
            extra["parameters"] = [*extra["parameters"], _KEY_HEADER]

        async def endpoint(request: Request) -> Response:
            ask = await self._office.gate.ask(request, row)
            request.state.ask = ask
            found = await handle(ask, request)
            if isinstance(found, Response):
                return found
            return Response(msgspec.json.encode(found), media_type="application/json")

        endpoint.__doc__ = handle.__doc__
        self._app.add_api_route(
            path,
            endpoint,
            methods=[method],
            name=f"{method} {path}",
            operation_id=_operation_of(row),
            response_model=None,
            include_in_schema=shown,
            responses=_responses(row),
            openapi_extra=extra,
        )

    def _typed(self, body: type[msgspec.Struct]) -> Document:
        """Return how OpenAPI tells a body; its schema is kept beside the application."""
        (schema,), parts = msgspec.json.schema_components((body,), ref_template=_REFERENCE)
        self._app.state.bodies = getattr(self._app.state, "bodies", {}) | parts
        content = {"application/json": {"schema": schema}}
        return {"requestBody": {"required": True, "content": content}}


def _operation_of(row: Row) -> str:
    words = re.sub("[^a-z0-9]+", "_", f"{row.method.lower()}{row.path}")
    return words.strip("_")


def _described(row: Row) -> Document:
    """Return what OpenAPI tells of a route beside its path: parameters and who may call it."""
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall("{([a-z_]+)}", row.path)
    ]
    in_query = [
        {"name": name, "in": "query", "required": False, "schema": _schema(name)}
        for name in sorted(row.parameters)
    ]
    found: Document = {"parameters": [*in_path, *in_query]}
    if not row.public:
        found["security"] = [{"session": []}, {"key": []}]
        if row.resource is not None:
            found["x-right"] = f"{row.resource}:{row.verb}"
    return found


def _schema(name: str) -> Mapping[str, object]:
    match name:
        case "limit":
            return {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
        case "business_date":
            return {"type": "string", "format": "date"}
        case _:
            return {"type": "string", "maxLength": 300}


def _responses(row: Row) -> dict[int | str, dict[str, object]]:
    problem = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    codes = {400: "A parameter is wrong", 422: "A value is wrong"}
    if not row.public:
        codes |= {401: "Nobody we know", 403: "Without the right", 429: "Too many requests"}
    if "{" in row.path:
        codes[404] = "Not found, or not within reach"
    codes[503] = "The database does not answer"
    return {
        200: {"description": "Done", "content": {"application/json": {"schema": _shape(row)}}},
        **{code: {"description": text, **problem} for code, text in codes.items()},
    }


def _shape(row: Row) -> Mapping[str, object]:
    """Return the schema of the answer, by its name where it has one."""
    shape = SHAPES.get(row.path) if row.method == "GET" else None
    return _ANY if shape is None else {"$ref": _REFERENCE.format(name=shape.__name__)}


_ANY: Mapping[str, object] = {"type": "object", "additionalProperties": True}
