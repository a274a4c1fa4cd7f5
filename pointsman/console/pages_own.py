"""One's own pages and routes: the profile, saved views of lists, drafts of forms, the roles' table.

What is done with them is in own.py. Other people's pages are pages_people.py.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import pages, wants_own
from pointsman.console.acting import body_of
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Resource, Verb
from pointsman.console.sheet import Sheet, sent


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages and the API's routes."""
    routes = Routes(app, office)
    _add_profile(routes, office)
    _add_kept(routes, office)

    async def roles(ask: Ask, request: Request) -> Response:
        found = await office.reading.roles()
        found["resources"] = [one.value for one in Resource]
        found["verbs"] = [one.value for one in Verb]
        return await pages.show(office, request, "roles.html", found, ask)

    routes.add("GET", "/roles", roles, shown=False)


def _add_profile(routes: Routes, office: Office) -> None:
    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.own.profile(sheet.ask)
        return await sheet.page("profile.html", found | more, problem)

    async def profile(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def change(ask: Ask, request: Request) -> Response:
        renewal = ""

        async def work(sheet: Sheet) -> Document:
            nonlocal renewal
            form = sheet.form
            match form.get("act"):
                case "password":
                    await office.own.change_password(
                        sheet.ask, form.get("old", ""), form.get("new", "")
                    )
                    return {"done": "The password is changed; your other sessions have ended."}
                case "renew":
                    renewal = await office.own.renewal(sheet.ask)
                    return {}
                case "end":
                    await office.own.end_session(sheet.ask, form.get("session", "")[:40])
                    return {"done": "The session has ended."}
                case _:
                    raise Problem(Code.VALIDATION_FAILED, "act: one of the buttons expected")

        answer = await sent(Sheet(office, ask, request), page, work)
        return RedirectResponse(f"/welcome/{renewal}", 303) if renewal else answer

    async def me(ask: Ask, _: Request) -> Document:
        """Tell who one is, what one may, and where one is signed in."""
        return await office.own.profile(ask)

    routes.add("GET", "/profile", profile, shown=False)
    routes.add("POST", "/profile", change, shown=False)
    routes.add("GET", "/v1/profile", me)


def _add_kept(routes: Routes, office: Office) -> None:
    async def views(ask: Ask, _: Request) -> Document:
        """List the caller's saved views, those of one list or all."""
        _zone, day = await office.reads.site()
        return await office.own.views(ask, ask.parameters.get("list"), day)

    async def save_view(ask: Ask, request: Request) -> Document:
        """Keep a list with its filters under a name; days of now stay days of now."""
        want = await body_of(request, wants_own.SavedView)
        _zone, day = await office.reads.site()
        return await office.own.save_view(ask, (want.list, want.name), want.query, day)

    async def remove_view(ask: Ask, request: Request) -> Document:
        """Remove a saved view."""
        want = await body_of(request, wants_own.NamedView)
        return await office.own.remove_view(ask, (want.list, want.name))

    async def draft(ask: Ask, request: Request) -> Document:
        """Tell what a form of the console held when the caller left it."""
        return await office.own.draft(ask, request.path_params["form"])

    async def save_draft(ask: Ask, request: Request) -> Document:
        """Keep a form as far as it is filled in; secrets are left out."""
        want = await body_of(request, wants_own.Draft)
        return await office.own.save_draft(ask, request.path_params["form"], want.fields)

    routes.add("GET", "/v1/views", views)
    routes.add("POST", "/v1/views:save", save_view, body=wants_own.SavedView)
    routes.add("POST", "/v1/views:remove", remove_view, body=wants_own.NamedView)
    routes.add("GET", "/v1/drafts/{form}", draft)
    routes.add("POST", "/v1/drafts/{form}:save", save_draft, body=wants_own.Draft)
