"""The reading routes of the public API, and how everything that goes wrong is told (RFC 9457).

Each route is one function of reading.py; rights and parameters stand in routes.py. The pages are
in pages.py and call the same functions.
"""

from collections.abc import Awaitable, Callable

import msgspec
import prometheus_client
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman import __version__
from pointsman.console import etags, problems
from pointsman.console.acting import answered
from pointsman.console.gate import Ask
from pointsman.console.office import PROBLEM, Office, Routes
from pointsman.console.onboarding import EDITABLE
from pointsman.console.payments import Document
from pointsman.console.problems import Problem
from pointsman.console.shapes import SHAPES

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "enum": [code.value for code in problems.Code]},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def add_routes(app: FastAPI, office: Office) -> None:
    """Add every route of the API."""
    routes = Routes(app, office)
    reading = office.reading

    def plain(
        function: Callable[[Ask], Awaitable[Document]],
    ) -> Callable[[Ask, Request], Awaitable[Document]]:
        async def handle(ask: Ask, _: Request) -> Document:
            return await function(ask)

        handle.__doc__ = function.__doc__
        return handle

    async def me(ask: Ask, _: Request) -> Document:
        """Tell who asks, and with which grants."""
        grants = [{"role": g.role, "scope": g.scope, "mid": g.mid} for g in ask.caller.grants]
        return {"name": ask.caller.name, "grants": grants}

    async def merchant(ask: Ask, request: Request) -> Response:
        """Tell one merchant with its terminals; the ETag covers what may be changed of it."""
        found = await reading.merchant(ask, request.path_params["mid"])
        return answered(found, etag=etags.of(found, EDITABLE))

    async def terminal(ask: Ask, request: Request) -> Document:
        """Tell one terminal."""
        return await reading.terminal(ask, request.path_params["mid"], request.path_params["tid"])

    async def payment(ask: Ask, request: Request) -> Document:
        """Tell everything about one payment: messages, timeline, what is owed."""
        return await reading.payment(ask, request.path_params["payment_id"])

    async def cycle(ask: Ask, request: Request) -> Document:
        """Tell one business day."""
        return await reading.cycle(ask, request.path_params["business_date"])

    async def acquirers(_: Ask, __: Request) -> Document:
        """List acquirers with what is owed to each."""
        return await reading.acquirers()

    async def roles(_: Ask, __: Request) -> Document:
        """Tell the table of rights."""
        return await reading.roles()

    handlers: dict[str, Callable[[Ask, Request], Awaitable[Document | Response]]] = {
        "/v1/me": me,
        "/v1/merchants": plain(reading.merchants),
        "/v1/merchants/{mid}": merchant,
        "/v1/terminals": plain(reading.terminals),
        "/v1/terminals/{mid}/{tid}": terminal,
        "/v1/payments": plain(reading.payments),
        "/v1/payments/{payment_id}": payment,
        "/v1/batches": plain(reading.batches),
        "/v1/settlement_cycles": plain(reading.cycles),
        "/v1/settlement_cycles/{business_date}": cycle,
        "/v1/acquirers": acquirers,
        "/v1/users": plain(reading.users),
        "/v1/roles": roles,
        "/v1/api_keys": plain(reading.keys),
        "/v1/audit_events": plain(reading.audit),
        "/v1/overview": plain(reading.overview),
    }
    for path, told in handlers.items():
        routes.add("GET", path, told)


def add_service_routes(app: FastAPI, office: Office) -> None:
    """Add what machines ask of the process: is it alive, its counters, its description."""
    routes = Routes(app, office)

    async def live(_: Ask, __: Request) -> Document:
        """Say that the process answers."""
        return {"status": "live", "version": __version__}

    async def ready(_: Ask, __: Request) -> Document:
        """Say that the database answers."""
        await office.pool.rows("select 1")
        return {"status": "ready"}

    async def metrics(_: Ask, __: Request) -> Response:
        """Tell the counters to Prometheus."""
        return Response(
            prometheus_client.generate_latest(office.metrics.registry), media_type="text/plain"
        )

    async def described(_: Ask, __: Request) -> Document:
        """Tell this description."""
        return openapi(app)

    routes.add("GET", "/health/live", live)
    routes.add("GET", "/health/ready", ready)
    routes.add("GET", "/metrics", metrics)
    routes.add("GET", "/openapi.json", described)


def openapi(app: FastAPI) -> Document:
    """Return the description of the API (OpenAPI 3.1)."""
    found: Document = app.openapi()
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    _, answers = msgspec.json.schema_components(
        set(SHAPES.values()), ref_template="#/components/schemas/{name}"
    )
    schemas |= {"Problem": _PROBLEM_SCHEMA, **answers, **getattr(app.state, "bodies", {})}
    parts["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "pointsman_session"},
        "key": {"type": "http", "scheme": "bearer"},
    }
    return found


def told(problem: Problem, request: Request) -> Response:
    """Return the answer to a request that is not done."""
    chinese = request.headers.get("accept-language", "").lower().startswith("zh")
    request_id = request.state.request_id
    body = problems.document(problem, path=request.url.path, request_id=request_id, chinese=chinese)
    headers = {"retry-after": str(problem.retry_s)} if problem.retry_s else {}
    if problem.kind.status == 401:  # noqa: PLR2004  # RFC 9110 asks for the header with it
        headers["www-authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(body),
        status_code=problem.kind.status,
        media_type=PROBLEM,
        headers=headers,
    )
