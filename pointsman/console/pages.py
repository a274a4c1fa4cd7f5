"""The pages: each asks a function of the public API and shows what it gives.

No rule stands here that does not stand in the API. Signing in is in doors.py; templates and words
lie beside. Filters are in the address, so a page can be handed on and printed. Acts on what was
selected in a list are pages_bulk.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from pointsman.console import (
    doors,
    identity,
    listlooks,
    listtable,
    looks,
    messagepair,
    scoping,
    story,
)
from pointsman.console.gate import NOBODY, Ask, Caller
from pointsman.console.office import Office, Routes
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Resource, Verb, reach
from pointsman.console.tongue import words_of

_HERE = Path(__file__).parent
_FRESH = frozenset({Code.UNAUTHENTICATED, Code.SESSION_EXPIRED})
THEME_COOKIE = "pointsman_theme"

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "looks": looks,
    "identity": identity,
    "lists": listtable.LOOKS,
    "pair": messagepair,
    "story": story,
}


def add_routes(app: FastAPI, office: Office) -> None:
    """Add every page."""
    routes = Routes(app, office)
    reading = office.reading

    def page(path: str, template: str, function: Any) -> None:  # noqa: ANN401  # of one or two arguments
        async def handle(ask: Ask, request: Request) -> Response:
            found = await function(ask, *request.path_params.values())
            return await show(office, request, template, found, ask)

        routes.add("GET", path, handle, shown=False)

    page("/payments", "payments.html", reading.payments)
    page("/merchants", "merchants.html", reading.merchants)
    page("/terminals", "terminals.html", reading.terminals)
    page("/batches", "batches.html", reading.batches)
    page("/settlement", "settlement.html", reading.cycles)
    page("/settlement/{business_date}", "cycle.html", reading.cycle)
    page("/audit", "audit.html", reading.audit)

    async def verify(ask: Ask, request: Request) -> Response:
        """Follow the audit trail's chain from its beginning."""
        broken = await office.reads.audit_broken_at()
        office.metrics.audit_verified.set(office.effects.now().timestamp())
        if broken is not None:
            office.metrics.audit_breaks.inc()
        found = await reading.audit(ask)
        more = {"verified": True, "broken": broken}
        return await show(office, request, "audit.html", found | more, ask)

    routes.add("POST", "/audit", verify, shown=False)
    doors.add_routes(routes, office, show)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")


def address(path: str, given: Mapping[str, str], *, without: str = "", **more: str) -> str:
    """Return the first page of a list with these parameters, but `without` one, and with `more`."""
    left = (listlooks.OF_PAGES - {"sort"}) | {without}
    wanted = {name: value for name, value in given.items() if name not in left}
    query = urlencode(wanted | {name: value for name, value in more.items() if value})
    return f"{path}?{query}" if query else path


_templates.globals["at"] = address


def may_choose(request: Request, caller: Caller) -> bool:
    """Say whether this page can be looked at in a scope."""
    route = request.scope.get("route")
    sees = reach(caller.grants, Resource.MERCHANTS, Verb.VIEW) is not None
    return sees and getattr(route, "path", "") in scoping.NARROWED


async def show(
    office: Office,
    request: Request,
    template: str,
    found: Mapping[str, Any],
    ask: Ask | None = None,
    *,
    status: int = 200,
) -> Response:
    """Return a page in the reader's language and theme."""
    words = words_of(request)
    caller = ask.caller if ask else NOBODY
    zone, day = await office.reads.site() if caller.grants else ("UTC", None)
    theme = request.cookies.get(THEME_COOKIE, "")
    text = _templates.get_template(template).render(
        t=words,
        found=found,
        caller=caller,
        who=caller,  # in macros the name caller is taken
        given=ask.parameters if ask else {},
        navigation=looks.navigation(caller.grants),
        path=request.url.path,
        address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        zone=zone,
        day=day,
        now=office.effects.now(),
        scope=getattr(request.state, "scope", None),
        scopable=may_choose(request, caller),
        mode=office.mode,
        theme=theme if theme in {"light", "dark"} else "",
    )
    return HTMLResponse(text, status_code=status, headers={"vary": "Accept-Language, Cookie"})


async def told(problem: Problem, request: Request, office: Office) -> Response:
    """Return the page of a request that is not done; a stranger is led to the sign-in."""
    if problem.code in _FRESH and request.method in {"GET", "HEAD"}:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(doors.sign_in_address(wanted), 303)
    words = words_of(request)
    kind = problem.kind
    found = {
        "title": kind.zh if words.language == "zh-CN" else kind.en,
        "detail": words.detail(problem.detail),
        "denied": problem.code is Code.PERMISSION_DENIED,
        "request_id": request.state.request_id,
    }
    ask = getattr(request.state, "ask", None)
    return await show(office, request, "problem.html", found, ask, status=kind.status)
