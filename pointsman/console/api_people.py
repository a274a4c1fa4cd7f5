"""The API's routes about people: invitations, roles, sessions, keys, applications, the outbox.

The acts are in staffing.py, keyring.py and applying.py, rights in routes_people.py.
"""

from typing import Annotated

from fastapi import FastAPI
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import wants
from pointsman.console.acting import answered, answered_act, answered_once, body_of
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.store.console_pool import Act


class Why(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Annotated[str, Meta(max_length=200)] = ""


class EndedSessions(Struct, frozen=True, forbid_unknown_fields=True):
    """Which session ends; empty: all of them."""

    session: Annotated[str, Meta(max_length=40)] = ""


def add_routes(app: FastAPI, office: Office) -> None:
    """Add them all."""
    routes = Routes(app, office)
    _add_people(routes, office)
    _add_links(routes, office)
    _add_keys(routes, office)
    _add_applications(routes, office)


def _add_people(routes: Routes, office: Office) -> None:
    staffing = office.staffing

    async def invite(ask: Ask, request: Request) -> Response:
        """Invite a person; the link is told once, and lies in the outbox."""
        want = await body_of(request, wants.Invitation)
        return await answered_once(
            office.once, ask, request, want, lambda act: staffing.invite(ask, act, want)
        )

    async def close(ask: Ask, request: Request) -> Response:
        """Close a person: sessions and keys are dead at once."""
        want = await body_of(request, Why)
        user = request.path_params["user_id"]

        async def work(act: Act) -> Done:
            return Done(await staffing.close(ask, user, want.reason, act), 200)

        return await answered_act(office, ask, request, want, work)

    async def reset(ask: Ask, request: Request) -> Response:
        """Make a link for a new password and second factor; needs a fresh code."""
        want = await body_of(request, wants.Nothing)
        user = request.path_params["user_id"]
        return await answered_once(
            office.once, ask, request, want, lambda act: staffing.reset(ask, act, user)
        )

    async def give(ask: Ask, request: Request) -> Response:
        """Give a role; needs a fresh code, and a second person for an administrator."""
        want = await body_of(request, wants.WantedGrant)
        user = request.path_params["user_id"]
        return await answered_act(
            office, ask, request, want, lambda act: staffing.give(ask, act, user, want)
        )

    async def take(ask: Ask, request: Request) -> Response:
        """Take a role; needs a fresh code."""
        want = await body_of(request, wants.WantedGrant)
        user = request.path_params["user_id"]

        async def work(act: Act) -> Done:
            return Done(await staffing.take(ask, user, want, act), 200)

        return await answered_act(office, ask, request, want, work)

    async def sessions(ask: Ask, request: Request) -> Document:
        """Tell a person's sessions."""
        return await staffing.sessions(ask, request.path_params["user_id"])

    async def end_sessions(ask: Ask, request: Request) -> Response:
        """End a person's sessions, or one of them."""
        want = await body_of(request, EndedSessions)
        user = request.path_params["user_id"]

        async def work(act: Act) -> Done:
            return Done(await staffing.end_sessions(ask, user, want.session, act), 200)

        return await answered_act(office, ask, request, want, work)

    routes.add("POST", "/v1/invitations", invite, body=wants.Invitation, keyed=True)
    routes.add("POST", "/v1/users/{user_id}:close", close, body=Why, once=True)
    routes.add("POST", "/v1/users/{user_id}:reset", reset, body=wants.Nothing, keyed=True)
    routes.add("POST", "/v1/users/{user_id}:give_role", give, body=wants.WantedGrant, once=True)
    routes.add("POST", "/v1/users/{user_id}:take_role", take, body=wants.WantedGrant, once=True)
    routes.add("GET", "/v1/users/{user_id}/sessions", sessions)
    routes.add(
        "POST", "/v1/users/{user_id}:end_sessions", end_sessions, body=EndedSessions, once=True
    )


def _add_links(routes: Routes, office: Office) -> None:
    staffing = office.staffing

    async def outbox(ask: Ask, _: Request) -> Document:
        """List links that were made."""
        return await staffing.outbox(ask)

    async def letter(ask: Ask, request: Request) -> Document:
        """Show an open link of the outbox; needs a fresh code."""
        await body_of(request, wants.Nothing)
        return await staffing.letter(ask, request.path_params["letter_id"])

    routes.add("GET", "/v1/outbox", outbox)
    routes.add("POST", "/v1/outbox/{letter_id}:show", letter, body=wants.Nothing)


def _add_keys(routes: Routes, office: Office) -> None:
    keyring = office.keyring

    async def create(ask: Ask, request: Request) -> Response:
        """Make an API key within one's own rights; it is told once. Needs a fresh code."""
        want = await body_of(request, wants.NewKey)
        return await answered_once(
            office.once, ask, request, want, lambda act: keyring.create(ask, act, want)
        )

    async def revoke(ask: Ask, request: Request) -> Response:
        """Revoke an API key."""
        want = await body_of(request, wants.Nothing)
        key = request.path_params["key_id"]

        async def work(act: Act) -> Done:
            return Done(await keyring.revoke(ask, key, act), 200)

        return await answered_act(office, ask, request, want, work)

    routes.add("POST", "/v1/api_keys", create, body=wants.NewKey, keyed=True)
    target = "/v1/api_keys/{key_id}:revoke"
    routes.add("POST", target, revoke, body=wants.Nothing, once=True)


def _add_applications(routes: Routes, office: Office) -> None:
    applying = office.applying

    async def submit(ask: Ask, request: Request) -> Response:
        """Apply as a merchant; open to everybody, and few at a time."""
        want = await body_of(request, wants.NewApplication)
        return answered(await applying.submit(ask, want), 201)

    async def applications(ask: Ask, _: Request) -> Document:
        """List applications, newest first."""
        return await applying.all(ask)

    async def take(ask: Ask, request: Request) -> Response:
        """Take a merchant: it is added, and its first person's link is told once."""
        want = await body_of(request, wants.TakenApplication)
        name = request.path_params["application_id"]
        return await answered_once(
            office.once, ask, request, want, lambda act: applying.take(ask, act, name, want)
        )

    async def one(ask: Ask, request: Request) -> Document:
        """Tell one application."""
        return await applying.one(ask, request.path_params["application_id"])

    async def reject(ask: Ask, request: Request) -> Response:
        """Reject an application."""
        want = await body_of(request, wants.Decision)
        name = request.path_params["application_id"]

        async def work(act: Act) -> Done:
            return Done(await applying.reject(ask, name, want, act), 200)

        return await answered_act(office, ask, request, want, work)

    routes.add("POST", "/v1/applications", submit, body=wants.NewApplication)
    routes.add("GET", "/v1/applications", applications)
    target = "/v1/applications/{application_id}"
    routes.add("GET", target, one)
    routes.add("POST", f"{target}:approve", take, body=wants.TakenApplication, keyed=True)
    routes.add("POST", f"{target}:reject", reject, body=wants.Decision, once=True)
