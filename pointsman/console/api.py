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
from pointsman.console import describing, etags, problems
from pointsman.console.acting import body_of
from pointsman.console.answers import SHAPES
from pointsman.console.changing import EDITABLE, TERMINAL_EDITABLE
from pointsman.console.gate import Ask
from pointsman.console.office import Handler, Office, Routes
from pointsman.console.payments import Document
from pointsman.console.problems import Problem
from pointsman.console.reading import Reading
from pointsman.console.tongue import is_chinese
from pointsman.console.wants import Nothing


def add_routes(app: FastAPI, office: Office) -> None:
    """Add every reading route of the API."""
    routes = Routes(app, office)
    for told in (_sales(office.reading), _parties(office.reading), _people(office)):
        for path, handle in told.items():
            routes.add("GET", path, handle)

    async def verify(_: Ask, request: Request) -> Document:
        """Follow the audit trail's chain from its beginning; the first row that does not fit."""
        await body_of(request, Nothing)
        broken = await office.reads.audit_broken_at()
        office.metrics.audit_verified.set(office.effects.now().timestamp())
        if broken is not None:
            office.metrics.audit_breaks.inc()
        count = await office.reads.audit_count()
        return {"whole": broken is None, "broken_at": broken, "rows": count}

    routes.add("POST", "/v1/audit_events:verify", verify, body=Nothing)


def _plain(function: Callable[[Ask], Awaitable[Document]]) -> Handler:
    """Return the route of a function that needs no more than who asks."""

    async def handle(ask: Ask, _: Request) -> Document:
        return await function(ask)

    handle.__doc__ = function.__doc__
    return handle


def _of_path(function: Callable[..., Awaitable[Document]]) -> Handler:
    """Return the route of a function that is given the parts of the address."""

    async def handle(ask: Ask, request: Request) -> Document:
        return await function(ask, *request.path_params.values())

    handle.__doc__ = function.__doc__
    return handle


def _sales(reading: Reading) -> dict[str, Handler]:
    async def messages(ask: Ask, payment_id: str) -> Document:
        """Tell the messages of one payment, decoded; what may be secret is named, not shown."""
        found = await reading.payment(ask, payment_id)
        return {"id": found["id"], **found["messages"]}

    async def timeline(ask: Ask, payment_id: str) -> Document:
        """Tell the journal's rows of one payment."""
        found = await reading.payment(ask, payment_id)
        return {"id": found["id"], "data": found["timeline"]}

    return {
        "/v1/payments": _plain(reading.payments),
        "/v1/payments/{payment_id}": _of_path(reading.payment),
        "/v1/payments/{payment_id}/messages": _of_path(messages),
        "/v1/payments/{payment_id}/timeline": _of_path(timeline),
        "/v1/batches": _plain(reading.batches),
        "/v1/batches/{mid}/{tid}/{batch}": _of_path(reading.batch),
        "/v1/settlement_cycles": _plain(reading.cycles),
        "/v1/settlement_cycles/{business_date}": _of_path(reading.cycle),
        "/v1/overview": _plain(reading.overview),
    }


def _parties(reading: Reading) -> dict[str, Handler]:
    async def merchant(ask: Ask, request: Request) -> Document:
        """Tell one merchant with its terminals; the ETag covers what may be changed of it."""
        found = await reading.merchant(ask, request.path_params["mid"])
        request.state.etag = etags.of(found, EDITABLE)
        return found

    async def terminal(ask: Ask, request: Request) -> Document:
        """Tell one terminal; the ETag covers what may be changed of it."""
        given = request.path_params
        found = await reading.terminal(ask, given["mid"], given["tid"])
        request.state.etag = etags.of(found, TERMINAL_EDITABLE)
        return found

    async def acquirer(_: Ask, name: str) -> Document:
        """Tell one acquirer."""
        return await reading.acquirer(name)

    return {
        "/v1/merchants": _plain(reading.merchants),
        "/v1/merchants/{mid}": merchant,
        "/v1/terminals": _plain(reading.terminals),
        "/v1/terminals/{mid}/{tid}": terminal,
        "/v1/acquirers": _plain(reading.acquirers),
        "/v1/acquirers/{acquirer}": _of_path(acquirer),
        "/v1/links": _plain(reading.links),
    }


def _people(office: Office) -> dict[str, Handler]:
    reading = office.reading

    async def me(ask: Ask) -> Document:
        """Tell who asks, and with which grants."""
        grants = [{"role": g.role, "scope": g.scope, "mid": g.mid} for g in ask.caller.grants]
        return {
            "name": ask.caller.name,
            "grants": grants,
            "livemode": office.mode == "live",
        }

    async def roles(_: Ask) -> Document:
        """Tell the table of rights."""
        return await reading.roles()

    return {
        "/v1/me": _plain(me),
        "/v1/users": _plain(reading.users),
        "/v1/users/{user_id}": _of_path(reading.user),
        "/v1/roles": _plain(roles),
        "/v1/api_keys": _plain(reading.keys),
        "/v1/audit_events": _plain(reading.audit),
    }


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
        set(SHAPES.values()), ref_template=describing.REFERENCE
    )
    schemas |= {"Problem": describing.PROBLEM_SCHEMA, **answers, **getattr(app.state, "bodies", {})}
    parts["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "pointsman_session"},
        "key": {"type": "http", "scheme": "bearer"},
    }
    return found


def told(problem: Problem, request: Request) -> Response:
    """Return the answer to a request that is not done."""
    chinese = is_chinese(request)
    request_id = request.state.request_id
    body = problems.document(problem, path=request.url.path, request_id=request_id, chinese=chinese)
    headers = {"content-language": "zh-CN" if chinese else "en", "vary": "Accept-Language"}
    if problem.retry_s:
        headers["retry-after"] = str(problem.retry_s)
    if problem.kind.status == 401:  # noqa: PLR2004  # RFC 9110 asks for the header with it
        headers["www-authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(body),
        status_code=problem.kind.status,
        media_type=describing.PROBLEM,
        headers=headers,
    )
