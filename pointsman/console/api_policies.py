"""The API's routes about limits of merchants and refused cards.

The acts are in policies.py and blacklisting.py, rights in routes_policies.py, bodies in
wants_policies.py.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import etags
from pointsman.console import wants_policies as wants
from pointsman.console.acting import answered, answered_act, answered_once, body_of
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.policies import EDITABLE
from pointsman.store.console_pool import Act


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the routes."""
    routes = Routes(app, office)
    policies, blacklisting = office.policies, office.blacklisting

    async def limits(ask: Ask, request: Request) -> Document:
        """Tell what limits a merchant; the ETag covers the rules."""
        found = await policies.limits(ask, request.path_params["mid"])
        request.state.etag = etags.of(found, EDITABLE)
        return found

    async def change_limits(ask: Ask, request: Request) -> Response:
        """Ask for other limits in place of these; a second person decides, needs a fresh code."""
        want = await body_of(request, wants.NewLimits)
        if_match, mid = request.headers.get("if-match", ""), request.path_params["mid"]
        async with office.pool.act() as act:
            done = await policies.change(ask, act, mid, want, if_match)
        return answered(done.document, done.status, etag=etags.of(done.document, EDITABLE))

    async def cards(ask: Ask, _: Request) -> Document:
        """List refused cards, newest first."""
        return await blacklisting.all(ask)

    async def add_card(ask: Ask, request: Request) -> Response:
        """Refuse the card of a payment from now on."""
        want = await body_of(request, wants.NewListedCard)
        return await answered_once(
            office.once, ask, request, want, lambda act: blacklisting.add(ask, act, want)
        )

    async def remove_card(ask: Ask, request: Request) -> Response:
        """Ask for a card to be accepted again; a second person decides, needs a fresh code."""
        want = await body_of(request, wants.Reasoned)
        name = request.path_params["card_id"]

        async def work(act: Act) -> Done:
            return await blacklisting.remove(ask, act, name, want)

        return await answered_act(office, ask, request, want, work)

    one = "/v1/merchants/{mid}/limits"
    routes.add("GET", one, limits)
    routes.add("PUT", one, change_limits, body=wants.NewLimits, matched=True)
    routes.add("GET", "/v1/blacklist", cards)
    routes.add("POST", "/v1/blacklist", add_card, body=wants.NewListedCard, keyed=True)
    remove = "/v1/blacklist/{card_id}:remove"
    routes.add("POST", remove, remove_card, body=wants.Reasoned, once=True)
