"""The API's routes that change parties: each reads its body, does one act and answers.

The acts are in changing.py and onboarding.py, rights in routes_acts.py, bodies in wants.py. People,
keys and approvals are in api_people.py, refunds in api_money.py.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import etags, wants
from pointsman.console.acting import answered, answered_act, answered_once, body_of
from pointsman.console.changing import EDITABLE, OUTLET_EDITABLE, TERMINAL_EDITABLE
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.store.console_pool import Act


def add_routes(app: FastAPI, office: Office) -> None:
    """Add what changes merchants, outlets and terminals."""
    routes = Routes(app, office)
    onboarding = office.onboarding

    async def new_merchant(ask: Ask, request: Request) -> Response:
        """Add a merchant; it may sell as soon as a terminal signs in."""
        want = await body_of(request, wants.NewMerchant)
        return await answered_once(
            office.once, ask, request, want, lambda act: onboarding.merchant(ask, act, want)
        )

    async def change_merchant(ask: Ask, request: Request) -> Response:
        """Change a merchant; If-Match names the version that was read."""
        want = await body_of(request, wants.ChangedMerchant)
        if_match = request.headers.get("if-match", "")
        async with office.pool.act() as act:
            mid = request.path_params["mid"]
            found = await office.changing.merchant(ask, act, mid, want, if_match)
        return answered(found, etag=etags.of(found, EDITABLE))

    async def new_outlet(ask: Ask, request: Request) -> Response:
        """Add an outlet of a merchant."""
        want = await body_of(request, wants.NewOutlet)
        return await answered_once(
            office.once, ask, request, want, lambda act: onboarding.outlet(ask, act, want)
        )

    async def new_terminal(ask: Ask, request: Request) -> Response:
        """Add a terminal; its master key is made in the HSM and told under the transport key."""
        want = await body_of(request, wants.NewTerminal)
        return await answered_once(
            office.once, ask, request, want, lambda act: onboarding.terminal(ask, act, want)
        )

    async def move_terminal(ask: Ask, request: Request) -> Response:
        """Close the terminal's binding and bind it elsewhere, with a new master key."""
        want = await body_of(request, wants.MovedTerminal)
        mid, tid = request.path_params["mid"], request.path_params["tid"]
        return await answered_once(
            office.once, ask, request, want, lambda act: onboarding.move(ask, act, mid, tid, want)
        )

    async def bindings(ask: Ask, request: Request) -> Document:
        """Tell where a terminal's device stood, newest first."""
        found = request.path_params
        return await office.places.bindings(ask, found["mid"], found["tid"])

    routes.add("GET", "/v1/terminals/{mid}/{tid}/bindings", bindings)
    routes.add("POST", "/v1/merchants", new_merchant, body=wants.NewMerchant, keyed=True)
    changed = wants.ChangedMerchant
    routes.add("PATCH", "/v1/merchants/{mid}", change_merchant, body=changed, matched=True)
    routes.add("POST", "/v1/outlets", new_outlet, body=wants.NewOutlet, keyed=True)
    routes.add("POST", "/v1/terminals", new_terminal, body=wants.NewTerminal, keyed=True)
    move = "/v1/terminals/{mid}/{tid}:move"
    routes.add("POST", move, move_terminal, body=wants.MovedTerminal, keyed=True)
    _changing(routes, office)
    for word, active in (("suspend", False), ("activate", True)):
        _switching(routes, office, word, active=active)


def _changing(routes: Routes, office: Office) -> None:
    """Add what changes one outlet or terminal, and what tells outlets."""

    async def outlets(ask: Ask, _: Request) -> Document:
        """List outlets."""
        return await office.places.outlets(ask)

    async def outlet(ask: Ask, request: Request) -> Document:
        """Tell one outlet; the ETag covers what may be changed of it."""
        found = await office.places.outlet(ask, request.path_params["outlet_id"])
        request.state.etag = etags.of(found, OUTLET_EDITABLE)
        return found

    async def change_outlet(ask: Ask, request: Request) -> Response:
        """Change an outlet; If-Match names the version that was read."""
        want = await body_of(request, wants.ChangedOutlet)
        if_match, name = request.headers.get("if-match", ""), request.path_params["outlet_id"]
        found = await office.places.outlet(ask, name)
        async with office.pool.act() as act:
            changed = await office.changing.outlet(ask, act, found, want, if_match)
        return answered(changed, etag=etags.of(changed, OUTLET_EDITABLE))

    async def change_terminal(ask: Ask, request: Request) -> Response:
        """Change a terminal's serial number or outlet; If-Match names the version that was read."""
        want = await body_of(request, wants.ChangedTerminal)
        if_match, given = request.headers.get("if-match", ""), request.path_params
        found = await office.reading.terminal(ask, given["mid"], given["tid"])
        async with office.pool.act() as act:
            changed = await office.changing.terminal(ask, act, found, want, if_match)
        return answered(changed, etag=etags.of(changed, TERMINAL_EDITABLE))

    routes.add("GET", "/v1/outlets", outlets)
    one = "/v1/outlets/{outlet_id}"
    routes.add("GET", one, outlet)
    routes.add("PATCH", one, change_outlet, body=wants.ChangedOutlet, matched=True)
    one = "/v1/terminals/{mid}/{tid}"
    routes.add("PATCH", one, change_terminal, body=wants.ChangedTerminal, matched=True)


def _switching(routes: Routes, office: Office, word: str, *, active: bool) -> None:
    async def merchant(ask: Ask, request: Request) -> Response:
        return await done(ask, request, request.path_params["mid"], "")

    async def terminal(ask: Ask, request: Request) -> Response:
        found = request.path_params
        return await done(ask, request, found["mid"], found["tid"])

    async def done(ask: Ask, request: Request, mid: str, tid: str) -> Response:
        want = await body_of(request, wants.Nothing)

        async def work(act: Act) -> Done:
            changing = office.changing
            return Done(await changing.set_active(ask, mid, tid, active=active, within=act), 200)

        return await answered_act(office, ask, request, want, work)

    for handle in (merchant, terminal):
        handle.__doc__ = f"{word.capitalize()} a {handle.__name__}; workers follow at once."
    body = wants.Nothing
    routes.add("POST", f"/v1/merchants/{{mid}}:{word}", merchant, body=body, once=True)
    routes.add("POST", f"/v1/terminals/{{mid}}/{{tid}}:{word}", terminal, body=body, once=True)
