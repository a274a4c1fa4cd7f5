"""Acts on what was selected in a list: terminals and merchants switched, files of single rows.

Each is done by itself by the API's own function, and what could not be done is told. The page that
answers has the filters that the list had. People and decisions are acted on in pages_people.py and
pages_money.py by the same `each_of`. Selecting is static/lists.js.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import pages_reports
from pointsman.console.gate import Ask, form_of
from pointsman.console.listtable import LOOKS
from pointsman.console.office import Office, Routes
from pointsman.console.pages import address, show
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem

PICKS_MAX = 500
"""So many are switched by one form."""


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the routes that such forms are sent to."""
    routes = Routes(app, office)

    async def terminals(ask: Ask, request: Request) -> Response:
        """Suspend or activate the terminal that the form names, or those that were selected."""
        form = await form_of(request)
        if form.get("picks"):
            return await switched(ask, request, form, lambda name: name.partition("/")[::2])
        mid, tid = form.get("mid", ""), form.get("tid", "")
        if not tid:
            raise Problem(Code.VALIDATION_FAILED, "tid: a terminal expected")
        await office.changing.set_active(ask, mid, tid, active=form.get("act") == "activate")
        return RedirectResponse(address("/terminals", ask.parameters), 303)

    async def merchants(ask: Ask, request: Request) -> Response:
        """Suspend or activate the merchants that were selected."""
        form = await form_of(request)
        return await switched(ask, request, form, lambda name: (name, ""))

    async def switched(
        ask: Ask, request: Request, form: dict[str, str], named: Callable[[str], tuple[str, ...]]
    ) -> Response:
        active = form.get("act") == "activate"

        async def switch(name: str) -> None:
            await office.changing.set_active(ask, *named(name)[:2], active=active)

        told = await each_of(form, switch)
        which = request.url.path.strip("/")
        read = {"merchants": office.reading.merchants, "terminals": office.reading.terminals}
        found = await read[which](ask)
        return await show(office, request, f"{which}.html", {**found, **told}, ask)

    routes.add("POST", "/terminals", terminals, shown=False)
    routes.add("POST", "/merchants", merchants, shown=False)
    for path, look in LOOKS.items():
        if look.pick:
            _add_export(routes, office, path, look.pick)


async def each_of(form: Mapping[str, str], act: Callable[[str], Awaitable[object]]) -> Document:
    """Do an act with each that was selected, by itself; tell how many, and what was left and why.

    Raises Problem where none was selected, or too many.
    """
    names = [one for one in form.get("picks", "").split(",") if one]
    if not 1 <= len(names) <= PICKS_MAX:
        raise Problem(Code.VALIDATION_FAILED, f"picks: 1 to {PICKS_MAX} at once")
    left = []
    for name in names:
        try:
            await act(name)
        except Problem as problem:
            left.append(f"{name[:34]}: {problem.detail}")
    return {"done": len(names) - len(left), "left": left}


def _add_export(routes: Routes, office: Office, path: str, pick: str) -> None:
    async def picked(ask: Ask, request: Request) -> Response:
        """Give a file of the rows that were selected on their list."""
        form = await form_of(request)
        given = {pick: form.get("picks", ""), "format": form.get("format", "csv")}
        if not given[pick]:
            raise Problem(Code.VALIDATION_FAILED, "picks: one or more expected")
        wanted = replace(ask, parameters=given)
        return await pages_reports.file_of(office, wanted, request, f"list:{path}")

    routes.add("POST", f"/export/{path}", picked, shown=False)
