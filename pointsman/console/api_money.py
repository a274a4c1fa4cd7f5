"""The API's routes about refunds, decisions of a second person and fresh codes.

The acts are in refunding.py, approving.py and signing.py, rights in routes_acts.py.
"""

from typing import Annotated

from fastapi import FastAPI
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import doors, once, wants
from pointsman.console.acting import answered, answered_act, body_of, told
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.store.console_pool import Act


class StepUp(Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the person's authenticator."""

    code: Annotated[str, Meta(pattern="^[0-9]{6}$", examples=["123456"])]


def add_routes(app: FastAPI, office: Office) -> None:
    """Add what moves money, and what it needs."""
    routes = Routes(app, office)
    refunding, approving = office.refunding, office.approving

    async def new_refund(ask: Ask, request: Request) -> Response:
        """Give back a payment or a part of it; over the limit a second person must approve."""
        want = await body_of(request, wants.NewRefund)
        claim = once.claim_of(ask, "POST /v1/refunds", once.key_of(request), want)
        with office.once.alone(claim):
            done = await office.once.do(claim, lambda act: refunding.create(ask, act, want))
            return told(await refunding.finished(claim, done))

    async def refunds(ask: Ask, _: Request) -> Document:
        """List refunds, newest first."""
        return await refunding.all(ask)

    async def refund(ask: Ask, request: Request) -> Document:
        """Tell one refund."""
        return await refunding.one(ask, request.path_params["refund_id"])

    async def set_limit(ask: Ask, request: Request) -> Response:
        """Set up to which amount one person may refund alone; needs a fresh code."""
        want = await body_of(request, wants.RefundLimit)

        async def work(act: Act) -> Done:
            mid = request.path_params["mid"]
            return Done(await refunding.set_limit(ask, act, mid, want), 200)

        return await answered_act(office, ask, request, want, work)

    async def approvals(ask: Ask, _: Request) -> Document:
        """List decisions of a second person, newest first."""
        return await approving.all(ask)

    async def approval(ask: Ask, request: Request) -> Document:
        """Tell one decision of a second person."""
        return await approving.one(ask, request.path_params["approval_id"])

    async def approve(ask: Ask, request: Request) -> Document:
        """Approve what another person asked, once; needs a fresh code."""
        want = await body_of(request, wants.Decision)
        return await approving.decide(ask, request.path_params["approval_id"], want, approve=True)

    async def reject(ask: Ask, request: Request) -> Document:
        """Reject what another person asked, once; needs a fresh code."""
        want = await body_of(request, wants.Decision)
        return await approving.decide(ask, request.path_params["approval_id"], want, approve=False)

    async def step_up(ask: Ask, request: Request) -> Response:
        """Show a fresh code; the session gets a new token, and its forms, too."""
        if not ask.caller.token:
            raise Problem(Code.STATE_CONFLICT, "A machine has no second factor.")
        want = await body_of(request, StepUp)
        caller = ask.caller
        opened = await office.signing.step_up(caller.user_id, caller.token, want.code, ask.origin)
        return doors.with_cookie(answered({"csrf": opened.csrf}), opened, request)

    routes.add("GET", "/v1/refunds", refunds)
    routes.add("POST", "/v1/refunds", new_refund, body=wants.NewRefund, keyed=True)
    routes.add("GET", "/v1/refunds/{refund_id}", refund)
    limit = "/v1/merchants/{mid}:set_refund_limit"
    routes.add("POST", limit, set_limit, body=wants.RefundLimit, once=True)
    routes.add("GET", "/v1/approvals", approvals)
    routes.add("GET", "/v1/approvals/{approval_id}", approval)
    routes.add("POST", "/v1/approvals/{approval_id}:approve", approve, body=wants.Decision)
    routes.add("POST", "/v1/approvals/{approval_id}:reject", reject, body=wants.Decision)
    routes.add("POST", "/v1/session:step_up", step_up, body=StepUp)
