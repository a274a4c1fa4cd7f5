"""The pages on which merchants apply, and on which the platform takes or rejects them.

The first is open to strangers; what they wrote is shown as text. Forms do what applying.py does.
"""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import forms, wants
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Problem
from pointsman.console.sheet import SHOWN, Sheet, link_of, sent
from pointsman.store.console_pool import Act


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)

    async def register(ask: Ask, request: Request) -> Response:
        return await Sheet(office, ask, request, {"country": "CN"}).page(
            "register.html", {"done": False}
        )

    async def submit(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        try:
            await office.applying.submit(ask, forms.value_of(sheet.form, wants.NewApplication))
        except Problem as problem:
            if problem.code not in SHOWN:
                raise
            return await sheet.page("register.html", {"done": False}, problem)
        return await sheet.page("register.html", {"done": True})

    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.applying.all(sheet.ask)
        acquirers = await office.reading.every_acquirer()
        return await sheet.page(
            "applications.html", found | {"acquirers": acquirers} | more, problem
        )

    async def applications(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def decide(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            form = sheet.form
            name, reason = form.get("application", ""), form.get("reason", "")
            if form.get("act") != "approve":
                want = forms.value_of({"reason": reason}, wants.Decision)
                await office.applying.reject(sheet.ask, name, want)
                return {}
            taken = forms.value_of(
                {"mid": form.get("mid", ""), "reason": reason},
                wants.TakenApplication,
                routes=[{"acquirer": form.get("acquirer", "")}],
            )

            async def take(asker: Ask, act: Act, wanted: Any) -> Done:  # noqa: ANN401
                return await office.applying.take(asker, act, name, wanted)

            return link_of(sheet, await sheet.once(taken, take))

        return await sent(Sheet(office, ask, request), page, work)

    routes.add("GET", "/register", register, shown=False)
    routes.add("POST", "/register", submit, shown=False)
    routes.add("GET", "/applications", applications, shown=False)
    routes.add("POST", "/applications", decide, shown=False)
