"""The page on which a person chooses the scope that lists, figures and reports are shown for.

What a scope is and where it holds is scoping.py. It changes nothing but what is looked at.
"""

from dataclasses import replace

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import doors, pages, query, scoping
from pointsman.console.gate import Ask, form_of
from pointsman.console.office import Office, Routes
from pointsman.console.problems import Code, Problem

_YEAR_S = 365 * 24 * 3600


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the page and what its form does."""
    routes = Routes(app, office)

    async def shown(ask: Ask, request: Request) -> Response:
        given = {"limit": str(query.LIMIT_MAX)}
        if begins := ask.parameters.get("name[prefix]"):
            given["name[prefix]"] = begins
        listed = await office.reading.merchants(replace(ask, parameters=given))
        whole = replace(ask, parameters={"limit": str(query.LIMIT_MAX)})
        outlets = (await office.places.outlets(whole))["data"]
        found = {
            "merchants": [
                {**one, "whole": ask.reach.includes(one["mid"])} for one in listed["data"]
            ],
            "outlets": {
                one["mid"]: [other for other in outlets if other["mid"] == one["mid"]]
                for one in listed["data"]
            },
            "more": listed["page"]["has_more"],
            "next": doors.inside(ask.parameters.get("next", "/")),
            "now": request.cookies.get(scoping.COOKIE, ""),
        }
        return await pages.show(office, request, "scope.html", found, ask)

    async def choose(ask: Ask, request: Request) -> Response:
        form = await form_of(request)
        answer = RedirectResponse(doors.inside(form.get("next", "/")), 303)
        wanted = form.get("scope", "")
        if not wanted:
            answer.delete_cookie(scoping.COOKIE)
            return answer
        scope = scoping.chosen(wanted)
        if scope is None or await office.scoped(ask.reach, scope) is None:
            raise Problem(Code.NOT_FOUND, "There is no such scope.")
        secure = request.url.scheme == "https"
        answer.set_cookie(
            *(scoping.COOKIE, wanted, _YEAR_S), httponly=True, samesite="lax", secure=secure
        )
        return answer

    routes.add("GET", "/scope", shown, shown=False)
    routes.add("POST", "/scope", choose, shown=False)
