"""The parts of the back office in one value, and the one way to add a route.

A route is added with its row of routes.py or not at all: the gate checks it, and OpenAPI tells it
(describing.py). What the routes do is in api*.py and pages*.py; around all stands frame.py.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import describing, expanding, scoping
from pointsman.console.answers import SHAPES, members
from pointsman.console.applying import Applying
from pointsman.console.approving import Approving
from pointsman.console.blacklisting import Blacklisting
from pointsman.console.changing import Changing
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.exports import Exports
from pointsman.console.gate import Ask, Gate
from pointsman.console.keyring import Keyring
from pointsman.console.lists import ListReading
from pointsman.console.onboarding import Onboarding
from pointsman.console.once import Once, key_of
from pointsman.console.own import Own
from pointsman.console.parking import Parking
from pointsman.console.payments import Document
from pointsman.console.places import PlaceReading
from pointsman.console.policies import Policies
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.reading import Reading
from pointsman.console.refunding import Refunding
from pointsman.console.reporting import Reporting
from pointsman.console.rights import Reach
from pointsman.console.routes import ROUTES
from pointsman.console.row import Row
from pointsman.console.signing import Signing
from pointsman.console.staffing import Staffing
from pointsman.console.watching import Watching
from pointsman.console.wire import Wire
from pointsman.effects import Effects
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_reads import Reads
from pointsman.store.console_refunds import Refunds

Handler = Callable[[Ask, Request], Awaitable[Document | Response]]


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that a route may use."""

    pool: ConsolePool
    people: People
    reads: Reads
    reading: Reading
    lists: ListReading
    reporting: Reporting
    exports: Exports
    wire: Wire
    changing: Changing
    once: Once
    onboarding: Onboarding
    places: PlaceReading
    watching: Watching
    refunds: Refunds
    refunding: Refunding
    approving: Approving
    signing: Signing
    own: Own
    staffing: Staffing
    parking: Parking
    policies: Policies
    blacklisting: Blacklisting
    keyring: Keyring
    applying: Applying
    gate: Gate
    metrics: ConsoleMetrics
    effects: Effects
    mode: str  # demo, test or live: the band over every page

    async def scoped(self, reach: Reach, scope: scoping.Chosen) -> Reach | None:
        """Return the part of a reach that is in a scope; None where it lies outside."""
        if scope.outlet and await self.places.mid_of(scope.outlet) != scope.mid:
            return None
        return scoping.narrowed(reach, scope)


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
        once: bool = False,
        matched: bool = False,
    ) -> None:
        """Add a route; raises KeyError where routes.py has no row for it.

        `body` is what its JSON body says, `keyed` says that it needs an idempotency key, `once`
        that it takes one, `matched` that it needs If-Match.
        """
        row = ROUTES[method, path]
        extra: Document = {}
        responses: dict[int | str, dict[str, Any]] = {}
        if shown:
            extra["parameters"] = describing.parameters(
                row, keyed=keyed, once=once, matched=matched
            )
            responses = describing.responses(row, matched=matched)
            if not row.public:
                extra["security"] = [{"session": []}, {"key": []}]
                if row.resource is not None:
                    extra["x-right"] = f"{row.resource}:{row.verb}"
            if body is not None:
                extra["requestBody"], parts = describing.body(body)
                self._app.state.bodies = getattr(self._app.state, "bodies", {}) | parts

        async def endpoint(request: Request) -> Response:
            _check_version(request)
            ask = await self._office.gate.ask(request, row)
            if keyed:
                key_of(request)  # before the body is looked at: without one nothing is wrong yet
            if row.path in scoping.NARROWED and row.method == "GET":
                ask = await self._narrowed(ask, request)
            request.state.ask = ask
            wanted = self._wanted(ask, row)
            found = await handle(ask, request)
            if isinstance(found, Response):
                return found
            if wanted is not None:
                found = await self._selected(ask, found, *wanted)
            headers = {"etag": tag} if (tag := getattr(request.state, "etag", "")) else {}
            body = msgspec.json.encode(found)
            return Response(body, headers=headers, media_type="application/json")

        endpoint.__doc__ = handle.__doc__
        self._app.add_api_route(
            path,
            endpoint,
            methods=[method],
            name=f"{method} {path}",
            operation_id=_operation_of(row),
            response_model=None,
            include_in_schema=shown,
            status_code=min((code for code in responses if code in _DONE), default=200),
            responses=responses,
            openapi_extra=extra,
        )
        if row.is_headed:  # the same without a body (frame.py): RFC 9110, 9.3.2
            self._app.add_api_route(
                path, endpoint, methods=["HEAD"], response_model=None, include_in_schema=False
            )

    async def _narrowed(self, ask: Ask, request: Request) -> Ask:
        """Return the request within the scope that its person looks at."""
        scope = scoping.chosen(request.cookies.get(scoping.COOKIE, ""))
        reach = None if scope is None else await self._office.scoped(ask.reach, scope)
        if reach is None:
            return ask
        request.state.scope = scope
        return replace(ask, reach=reach, scope=scope)

    @staticmethod
    def _wanted(ask: Ask, row: Row) -> tuple[frozenset[str] | None, tuple[str, ...]] | None:
        """Return which members are wanted, and what besides; None where all of it is."""
        given = ask.parameters
        if not given.keys() & {"fields", "expand"}:
            return None
        known = members(SHAPES[row.method, row.path]) - {"expanded"}
        fields = expanding.chosen(given.get("fields", ""), known)
        return fields, expanding.expansions(row.path.split("/")[2], given.get("expand", ""))

    async def _selected(
        self, ask: Ask, found: Document, fields: frozenset[str] | None, besides: tuple[str, ...]
    ) -> Document:
        if besides:
            await expanding.expanded(self._office.reading, ask, found, besides)
        return expanding.reduced(found, fields)


def _check_version(request: Request) -> None:
    """See that a version of the API that is asked for is the one that is spoken."""
    asked = request.headers.get("api-version", describing.API_VERSION)
    if asked != describing.API_VERSION:
        raise Problem(
            Code.UNKNOWN_PARAMETER,
            f"API-Version: {describing.API_VERSION} is spoken here",
            faults=(Fault("API-Version", Code.UNKNOWN_PARAMETER, "not known here"),),
        )


def _operation_of(row: Row) -> str:
    words = re.sub("[^a-z0-9]+", "_", f"{row.method.lower()}{row.path}")
    return words.strip("_")


_DONE = frozenset({200, 201, 202})
