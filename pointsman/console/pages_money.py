"""The pages on which money is given back: a payment with its refunds, decisions of a second person.

Forms do what the API does (refunding.py, approving.py). A code of the authenticator in a form opens
what needs a fresh one.
"""

from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import forms, pages_bulk, wants
from pointsman.console.api_tools import ledger_of
from pointsman.console.gate import Ask
from pointsman.console.looks import may
from pointsman.console.office import Office, Routes
from pointsman.console.pages import address
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Resource, Verb
from pointsman.console.rights import reach as reach_of
from pointsman.console.sheet import Sheet
from pointsman.money import currency

_SHOWN = frozenset(
    {
        *(Code.STEP_UP_REQUIRED, Code.REFUND_EXCEEDS_REST, Code.STATE_CONFLICT),
        *(Code.VALIDATION_FAILED, Code.ACQUIRER_UNAVAILABLE, Code.OUTCOME_UNKNOWN),
    }
)
_DECIDED = frozenset({Code.STEP_UP_REQUIRED, Code.SELF_APPROVAL, Code.ALREADY_DECIDED})


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)

    async def payment(ask: Ask, request: Request) -> Response:
        return await _payment(Sheet(office, ask, request))

    async def refund(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        try:
            want = _wanted(sheet, await _currency(sheet))
            done = await sheet.once(want, office.refunding.create)
            await office.refunding.finished(sheet.claim(want), done)
        except Problem as problem:
            if problem.code not in _SHOWN:
                raise
            return await _payment(sheet, problem)
        return sheet.answer(RedirectResponse(f"/payments/{want.payment}#refunds", 303))

    async def approvals(ask: Ask, request: Request) -> Response:
        sheet = Sheet(office, ask, request)
        return await sheet.page("approvals.html", await office.approving.all(ask))

    async def decide(ask: Ask, request: Request) -> Response:
        sheet = await Sheet.sent(office, ask, request)
        form = sheet.form
        want = wants.Decision(form.get("reason", "").strip()[:200])
        if not want.reason.isprintable():
            raise Problem(Code.VALIDATION_FAILED, "reason: printable text expected")

        async def decided(approval: str) -> None:
            approve = form.get("act") == "approve"
            await office.approving.decide(sheet.ask, approval, want, approve=approve)

        try:
            if form.get("picks"):
                sheet.ask.require_fresh()
                done = await pages_bulk.each_of(form, decided)
                return await sheet.page("approvals.html", await office.approving.all(ask) | done)
            await decided(form.get("approval", ""))
        except Problem as problem:
            if problem.code not in _DECIDED:
                raise
            return await sheet.page("approvals.html", await office.approving.all(ask), problem)
        return sheet.answer(RedirectResponse(address("/approvals", ask.parameters), 303))

    routes.add("GET", "/payments/{payment_id}", payment, shown=False)
    routes.add("POST", "/payments/{payment_id}/refunds", refund, shown=False)
    routes.add("GET", "/approvals", approvals, shown=False)
    routes.add("POST", "/approvals", decide, shown=False)


async def _currency(sheet: Sheet) -> int:
    """Return how many digits the payment's minor unit has."""
    found = await sheet.office.reading.payment(sheet.ask, sheet.path("payment_id"))
    return currency(found["amount"]["currency"]).exponent


def _wanted(sheet: Sheet, exponent: int) -> wants.NewRefund:
    text = sheet.form.get("amount", "").strip()
    amount = forms.minor_of(text, exponent) if text else None
    if text and not amount:
        raise Problem(Code.VALIDATION_FAILED, f"amount: a sum such as {_EXAMPLES[exponent]}")
    return forms.value_of(
        {"reason": sheet.form.get("reason", "")},
        wants.NewRefund,
        payment=sheet.path("payment_id"),
        amount=amount,
    )


_EXAMPLES = {0: "12", 2: "12.50", 3: "12.500", 4: "12.5000"}


async def _payment(sheet: Sheet, problem: Problem | None = None) -> Response:
    office, ask = sheet.office, sheet.ask
    found: dict[str, Any] = await office.reading.payment(ask, sheet.path("payment_id"))
    sees = reach_of(ask.caller.grants, Resource.REFUNDS, Verb.VIEW)
    found["refunds"] = []
    if sees is not None:
        given = {"payment": found["id"]}
        inner = replace(ask, reach=sees, parameters=given)
        found["refunds"] = (await office.refunding.all(inner))["data"]
    if may(ask.caller.grants, Resource.LEDGER, Verb.VIEW, found["merchant"]["mid"]):
        found["ledger"] = await ledger_of(office, found["id"])
    return await sheet.page("payment.html", found, problem)
