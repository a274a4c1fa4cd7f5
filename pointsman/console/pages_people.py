"""The pages about people: users with their roles and sessions, keys, and links that were made.

Forms do what the API does (staffing.py, keyring.py). Links and keys are shown on the page that
answers, and never again. Who wants to join is pages_joining.py.
"""

from dataclasses import replace
from functools import partial

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import forms, ids, pages_bulk, wants
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.onboarding import OUTLET
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.query import LIMIT_MAX
from pointsman.console.rights import (
    RIGHTS,
    SCOPES,
    Grant,
    Resource,
    Role,
    Scope,
    Verb,
    may_grant,
    reach,
)
from pointsman.console.sheet import Sheet, link_of, sent
from pointsman.console.watching import within
from pointsman.store.console_pool import Act

RIGHT = "right:"
"""Before the name of a right that is ticked for a key."""


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)
    _add_users(routes, office)
    _add_keys(routes, office)
    _add_outbox(routes, office)


def _add_users(routes: Routes, office: Office) -> None:
    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.reading.users(sheet.ask)
        found |= {"roles": givable(sheet.ask), "outlets": await _outlets(office, sheet.ask)}
        return await sheet.page("users.html", found | more, problem)

    async def users(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def invite(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            if sheet.form.get("picks"):
                return await _selected(office, sheet)
            form = await _with_merchant(office, sheet)
            want = forms.value_of(form, wants.Invitation)
            return link_of(sheet, await sheet.once(want, office.staffing.invite))

        return await sent(Sheet(office, ask, request), page, work)

    async def one(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        user = sheet.path("user_id")
        sessions = await office.staffing.sessions(sheet.ask, user)
        everybody = (await office.reading.users(sheet.ask))["data"]
        found = next((other for other in everybody if other["id"] == user), None)
        if found is None:
            raise Problem(Code.NOT_FOUND, "There is no such person.")
        found |= {"sessions": sessions["data"], "roles": givable(sheet.ask)}
        found["outlets"] = await _outlets(office, sheet.ask)
        return await sheet.page("user.html", found | more, problem)

    async def user(ask: Ask, request: Request) -> Response:
        return await one(Sheet(office, ask, request), None, {})

    async def change(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            return await _changed(office, sheet)

        return await sent(Sheet(office, ask, request), one, work)

    routes.add("GET", "/users", users, shown=False)
    routes.add("POST", "/users", invite, shown=False)
    routes.add("GET", "/users/{user_id}", user, shown=False)
    routes.add("POST", "/users/{user_id}", change, shown=False)


async def _selected(office: Office, sheet: Sheet) -> Document:
    """Close the people that were selected, or end their sessions."""
    staffing, act = office.staffing, sheet.form.get("act")
    reason = sheet.form.get("reason", "")[:200]

    async def one(user: str) -> None:
        match act:
            case "close":
                await staffing.close(sheet.ask, user, reason)
            case "end":
                await staffing.end_sessions(sheet.ask, user, "")
            case _:
                raise Problem(Code.VALIDATION_FAILED, "act: one of the buttons expected")

    return await pages_bulk.each_of(sheet.form, one)


async def _outlets(office: Office, ask: Ask) -> list[Document]:
    """Return the outlets that a role may be given for."""
    sees = within(ask, Resource.MERCHANTS)
    if sees is None:
        return []
    wanted = replace(sees, parameters={"state": "active", "limit": str(LIMIT_MAX)})
    return list((await office.places.outlets(wanted))["data"])


async def _with_merchant(office: Office, sheet: Sheet) -> dict[str, str]:
    """Return the form with the merchant of the outlet that it names, where it names no merchant."""
    form = dict(sheet.form)
    raw = ids.decode(OUTLET, form.get("outlet", ""))
    if raw is not None and not form.get("mid", "").strip():
        form["mid"] = await office.places.mid_of(raw)
    return form


async def _changed(office: Office, sheet: Sheet) -> Document:
    """Do what the form of one person asks."""
    staffing, ask, user = office.staffing, sheet.ask, sheet.path("user_id")
    form = sheet.form
    match form.get("act"):
        case "close":
            await staffing.close(ask, user, form.get("reason", "")[:200])
        case "end":
            await staffing.end_sessions(ask, user, form.get("session", "")[:40])
        case "reset":

            async def reset(asker: Ask, act: Act, _: wants.Nothing) -> Done:
                return await staffing.reset(asker, act, user)

            return link_of(sheet, await sheet.once(wants.Nothing(), reset))
        case "give":
            given = forms.value_of(await _with_merchant(office, sheet), wants.WantedGrant)
            async with office.pool.act() as act:
                return link_of(sheet, await staffing.give(ask, act, user, given))
        case "take":
            await staffing.take(ask, user, forms.value_of(form, wants.WantedGrant))
        case _:
            raise Problem(Code.VALIDATION_FAILED, "act: one of the buttons expected")
    return {}


def _add_keys(routes: Routes, office: Office) -> None:
    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.reading.keys(sheet.ask)
        rights = sorted(
            f"{resource}:{verb}"
            for resource, verb in set().union(*RIGHTS.values())
            if reach(sheet.ask.caller.grants, resource, verb) is not None
        )
        outlets = await _outlets(office, sheet.ask)
        roles = [role.value for role in Role]
        more = {"roles": roles, "rights": rights, "outlets": outlets, **more}
        return await sheet.page("keys.html", found | more, problem)

    async def keys(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def change(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            if sheet.form.get("act") == "revoke":
                if sheet.form.get("picks"):
                    revoke = partial(office.keyring.revoke, sheet.ask)
                    return await pages_bulk.each_of(sheet.form, revoke)
                await office.keyring.revoke(sheet.ask, sheet.form.get("key", ""))
                return {}
            form = await _with_merchant(office, sheet)
            want = forms.value_of(
                {name: form.get(name, "") for name in ("name", "role", "mid", "outlet")},
                wants.NewKey,
                scopes=[name[len(RIGHT) :] for name in form if name.startswith(RIGHT)],
                addresses=sheet.form.get("addresses", "").split(),
                days=forms.whole(sheet.form, "days", 90),
            )
            return {"key": (await sheet.once(want, office.keyring.create)).secrets.get("key")}

        return await sent(Sheet(office, ask, request), page, work)

    routes.add("GET", "/keys", keys, shown=False)
    routes.add("POST", "/keys", change, shown=False)


def _add_outbox(routes: Routes, office: Office) -> None:
    async def page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.staffing.outbox(sheet.ask)
        return await sheet.page("outbox.html", found | more, problem)

    async def outbox(ask: Ask, request: Request) -> Response:
        return await page(Sheet(office, ask, request), None, {})

    async def show(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            found = await office.staffing.letter(sheet.ask, sheet.form.get("letter", ""))
            return {"link": f"{request.base_url}{str(found['link']).lstrip('/')}"}

        return await sent(Sheet(office, ask, request), page, work)

    office.exports.add_list("outbox", office.staffing.outbox)
    routes.add("GET", "/outbox", outbox, shown=False)
    routes.add("POST", "/outbox", show, shown=False)


def givable(ask: Ask) -> list[str]:
    """Return the roles that the caller may give somewhere."""
    held = reach(ask.caller.grants, Resource.USERS, Verb.VIEW)
    mids = ["x"] if held is None or held.mids is None else sorted(held.mids)
    return [
        role.value
        for role in Role
        for scope in SCOPES[role]
        if any(
            may_grant(ask.caller.grants, Grant(role, scope, mid if scope is Scope.MERCHANT else ""))
            for mid in mids
        )
    ]
