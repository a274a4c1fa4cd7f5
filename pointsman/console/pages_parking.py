"""Exceptions over the API and as a page: what is owed, what is parked, and the decisions on it.

What is told and decided is parking.py.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import wants
from pointsman.console.acting import answered, body_of
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.sheet import Sheet, sent
from pointsman.store.parked_sql import Action

_ACCEPTED = 202


def add_routes(app: FastAPI, office: Office) -> None:
    """Add them."""
    routes = Routes(app, office)
    parking = office.parking

    async def exceptions(ask: Ask, _: Request) -> Document:
        """List what is owed and parked, and exceptions that are open."""
        return await parking.all(ask)

    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        return await sheet.page("exceptions.html", await parking.all(sheet.ask) | more, problem)

    async def shown(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def decide(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            try:
                action = Action(sheet.form.get("act", ""))
            except ValueError:
                raise Problem(Code.VALIDATION_FAILED, "act: one of the buttons expected") from None
            reason = sheet.form.get("reason", "").strip()[:200]
            payment = sheet.form.get("payment", "")
            done = await parking.decide(sheet.ask, payment, action, reason)
            return {"done": done}

        return await sent(Sheet(office, ask, request), page, work)

    office.exports.add_list("exceptions", parking.all)
    routes.add("GET", "/v1/exceptions", exceptions)
    routes.add("GET", "/exceptions", shown, shown=False)
    routes.add("POST", "/exceptions", decide, shown=False)
    for action in Action:
        _deciding(routes, office, action)


def _deciding(routes: Routes, office: Office, action: Action) -> None:
    async def decide(ask: Ask, request: Request) -> Response:
        want = await body_of(request, wants.Decision)
        payment = request.path_params["payment_id"]
        found = await office.parking.decide(ask, payment, action, want.reason)
        return answered(found, 200 if found["state"] == "done" else _ACCEPTED)

    word = action.value.replace("-", "_")
    decide.__doc__ = f"Say {action.value} of a parked message; a second person says it, too."
    path = f"/v1/exceptions/{{payment_id}}:{word}"
    routes.add("POST", path, decide, body=wants.Decision)
