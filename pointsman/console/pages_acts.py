"""The pages on which merchants, outlets and terminals are added, moved and suspended.

Each form does one act of the public API, once (sheet.py). What is wrong is shown beside its field.
No rule stands here that does not stand in onboarding.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import forms, wants
from pointsman.console.gate import Ask
from pointsman.console.keymaking import LABORATORY
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.query import LIMIT_MAX
from pointsman.console.rights import Reach, Resource
from pointsman.console.sheet import Sheet
from pointsman.console.watching import within
from pointsman.store.console_pool import Act

MERCHANT, TERMINAL = "merchant_new.html", "terminal_new.html"


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)
    _add_merchants(routes, office)
    _add_terminals(routes, office)


def _add_merchants(routes: Routes, office: Office) -> None:
    async def asked(ask: Ask, request: Request) -> Response:
        sheet = Sheet(office, ask, request, {"country": "CN"})
        return await sheet.page(MERCHANT, await _for_merchant(sheet))

    async def new(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        plain = {name: text for name, text in sheet.form.items() if name != "acquirer"}
        try:
            want = forms.value_of(
                plain,
                wants.NewMerchant,
                routes=[{"acquirer": sheet.form.get("acquirer", "")}],
                tip_percent=forms.whole(sheet.form, "tip_percent"),
            )
            await sheet.once(want, office.onboarding.merchant)
        except Problem as problem:
            if not problem.faults:
                raise
            return await sheet.page(MERCHANT, await _for_merchant(sheet), problem)
        await office.own.save_draft(ask, "merchant-new", {})  # it is no draft any more
        return RedirectResponse(f"/merchants/{want.mid}/terminals/new", 303)

    async def merchant(ask: Ask, request: Request) -> Response:
        sheet = Sheet(office, ask, request)
        found = await office.reading.merchant(ask, sheet.path("mid"))
        outlets = await office.places.of_merchant(ask, sheet.path("mid"))
        people = await _people(office, ask, sheet.path("mid"))
        return await sheet.page("merchant.html", found | {"outlets": outlets, "people": people})

    async def outlet(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        want = forms.value_of(sheet.form, wants.NewOutlet, mid=sheet.path("mid"))
        await sheet.once(want, office.onboarding.outlet)
        return RedirectResponse(f"/merchants/{want.mid}", 303)

    async def switch(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        active = sheet.form.get("act") == "activate"
        await office.changing.set_active(ask, sheet.path("mid"), "", active=active)
        return RedirectResponse(f"/merchants/{sheet.path('mid')}", 303)

    routes.add("GET", "/merchants/new", asked, shown=False)
    routes.add("POST", "/merchants/new", new, shown=False)
    routes.add("GET", "/merchants/{mid}", merchant, shown=False)
    routes.add("POST", "/merchants/{mid}/outlets", outlet, shown=False)
    routes.add("POST", "/merchants/{mid}/state", switch, shown=False)


async def _people(office: Office, ask: Ask, mid: str) -> list[Document] | None:
    """Return who has a role at a merchant; None for who may not see people."""
    sees = within(ask, Resource.USERS)
    if sees is None or not sees.reach.includes(mid):
        return None
    there = replace(sees, reach=Reach(frozenset({mid})), parameters={"limit": str(LIMIT_MAX)})
    return list((await office.reading.users(there))["data"])


async def _for_merchant(sheet: Sheet) -> dict[str, Any]:
    if sheet.ask.reach.mids is not None:
        raise Problem(Code.NOT_FOUND, "Merchants are added by the platform.")
    return {"acquirers": await sheet.office.reading.every_acquirer()}


def _add_terminals(routes: Routes, office: Office) -> None:
    async def asked(ask: Ask, request: Request) -> Response:
        sheet = Sheet(office, ask, request)
        return await sheet.page(TERMINAL, await _for_terminal(sheet))

    async def new(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        try:
            key = _transport_key(sheet)
            want = forms.value_of(sheet.form, wants.NewTerminal, mid=sheet.path("mid"), **key)
            done = await sheet.once(want, office.onboarding.terminal)
            await office.own.save_draft(ask, "terminal-new", {})
        except Problem as problem:
            if not problem.faults:
                raise
            return await sheet.page(TERMINAL, await _for_terminal(sheet), problem)
        told = done.shown | {"laboratory": want.transport_key == LABORATORY and done.secrets}
        return await _terminal(sheet, want.mid, want.tid, told)

    async def terminal(ask: Ask, request: Request) -> Response:
        sheet = Sheet(office, ask, request)
        return await _terminal(sheet, sheet.path("mid"), sheet.path("tid"))

    async def change(ask: Ask, request: Request) -> Response:
        """Suspend, activate or move the terminal."""
        sheet = await Sheet.sent(office, ask, request)
        mid, tid = sheet.path("mid"), sheet.path("tid")
        word = sheet.form.get("act")
        if word in {"suspend", "activate"}:
            await office.changing.set_active(ask, mid, tid, active=word == "activate")
            return RedirectResponse(f"/terminals/{mid}/{tid}", 303)

        async def move(asker: Ask, act: Act, wanted: wants.MovedTerminal) -> Done:
            return await office.onboarding.move(asker, act, mid, tid, wanted)

        want = forms.value_of(sheet.form, wants.MovedTerminal, **_transport_key(sheet))
        done = await sheet.once(want, move)
        told = done.shown | {"laboratory": want.transport_key == LABORATORY and done.secrets}
        return await _terminal(sheet, done.document["mid"], done.document["tid"], told)

    async def activate(ask: Ask, request: Request) -> Response:
        """Bring a terminal into service: what staff may do."""
        sheet = await Sheet.sent(office, ask, request)
        mid, tid = sheet.path("mid"), sheet.path("tid")
        await office.changing.set_active(ask, mid, tid, active=True)
        return RedirectResponse(f"/terminals/{mid}/{tid}", 303)

    routes.add("POST", "/terminals/{mid}/{tid}/activate", activate, shown=False)
    routes.add("GET", "/merchants/{mid}/terminals/new", asked, shown=False)
    routes.add("POST", "/merchants/{mid}/terminals/new", new, shown=False)
    routes.add("GET", "/terminals/{mid}/{tid}", terminal, shown=False)
    routes.add("POST", "/terminals/{mid}/{tid}", change, shown=False)


def _transport_key(sheet: Sheet) -> dict[str, str]:
    """Return the transport key of a form: the published test key for a simulated terminal."""
    given = sheet.form.get("transport_key", "").strip()
    return {"transport_key": given or LABORATORY if sheet.form.get("simulated") else given}


async def _for_terminal(sheet: Sheet) -> dict[str, Any]:
    mid = sheet.path("mid")
    merchant = await sheet.office.reading.merchant(sheet.ask, mid)
    outlets = await sheet.office.places.of_merchant(sheet.ask, mid)
    return {"mid": mid, "merchant": merchant, "outlets": outlets}


async def _terminal(
    sheet: Sheet, mid: str, tid: str, made: Mapping[str, Any] | None = None
) -> Response:
    found = await sheet.office.reading.terminal(sheet.ask, mid, tid)
    found["bindings"] = (await sheet.office.places.bindings(sheet.ask, mid, tid))["data"]
    return await sheet.page("terminal.html", found | {"made": made})
