"""The pages of refused cards and of a merchant's limits: told, asked for, decided by two people.

Each form does what the API does (blacklisting.py, policies.py). Of the limits those that are asked
for most have fields; the others stay as they stand. Decisions are on the page of approvals.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import etags, forms
from pointsman.console import wants_policies as wants
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.policies import EDITABLE
from pointsman.console.problems import Code, Problem
from pointsman.console.sheet import Sheet, sent
from pointsman.money import currency
from pointsman.store.console_pool import Act

AMOUNTS = (
    *("amount_max_minor", "day_minor_max", "month_minor_max", "card_day_minor_max"),
    "refund_day_minor_max",
)
COUNTS = ("day_count_max", "month_count_max", "card_day_count_max", "refund_percent_max")
_ACCEPTED = 202


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)
    office.exports.add_list("blacklist", office.blacklisting.all)

    async def cards_page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.blacklisting.all(sheet.ask)
        return await sheet.page("blacklist.html", found | more, problem)

    async def cards(ask: Ask, request: Request) -> Response:
        return await cards_page(Sheet(office, ask, request), None, {})

    async def change_cards(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            return await _listed(office, sheet)

        return await sent(Sheet(office, ask, request), cards_page, work)

    async def limits_page(sheet: Sheet, problem: Problem | None, more: Document) -> Response:
        found = await office.policies.limits(sheet.ask, sheet.path("mid"))
        shown = {"tag": etags.of(found, EDITABLE), "amounts": AMOUNTS, "counts": COUNTS}
        return await sheet.page("limits.html", found | shown | more, problem)

    async def limits(ask: Ask, request: Request) -> Response:
        return await limits_page(Sheet(office, ask, request), None, {})

    async def change_limits(ask: Ask, request: Request) -> Response:
        async def work(sheet: Sheet) -> Document:
            return await _limited(office, sheet)

        return await sent(Sheet(office, ask, request), limits_page, work)

    routes.add("GET", "/blacklist", cards, shown=False)
    routes.add("POST", "/blacklist", change_cards, shown=False)
    routes.add("GET", "/merchants/{mid}/limits", limits, shown=False)
    routes.add("POST", "/merchants/{mid}/limits", change_limits, shown=False)


async def _listed(office: Office, sheet: Sheet) -> Document:
    """Refuse the card of a payment, or ask for one to be accepted again."""
    form = {name: text for name, text in sheet.form.items() if name not in {"card", "csrf"}}
    if sheet.form.get("act") == "add":
        answer = form.pop("answer", "41")  # "code" is the authenticator's on every form
        want = forms.value_of(form, wants.NewListedCard, code=answer)
        await sheet.once(want, office.blacklisting.add)
        return {"did": "The card is refused from now on."}

    async def remove(ask: Ask, act: Act, want: wants.Reasoned) -> Done:
        return await office.blacklisting.remove(ask, act, sheet.form.get("card", ""), want)

    done = await sheet.once(forms.value_of(form, wants.Reasoned), remove)
    return _told(done, "The card is accepted again.")


async def _limited(office: Office, sheet: Sheet) -> Document:
    """Ask for other limits: the fields of the form in place of those that stand."""
    mid, form = sheet.path("mid"), sheet.form
    found = await office.policies.limits(sheet.ask, mid)
    rules: dict[str, Any] = dict(found["rules"])
    for name in (*AMOUNTS, *COUNTS):
        value = _number(form, name, currency(found["currency"]).exponent)
        rules.pop(name, None)
        if value:
            rules[name] = value
    want = forms.value_of({"reason": form.get("reason", "")}, wants.NewLimits, rules=rules)

    async def change(ask: Ask, act: Act, wanted: wants.NewLimits) -> Done:
        return await office.policies.change(ask, act, mid, wanted, form.get("tag", ""))

    return _told(await sheet.once(want, change), "These limits are in force.")


def _number(form: Mapping[str, str], name: str, exponent: int) -> int:
    if name in COUNTS:
        return forms.whole(form, name)
    text = form.get(name, "").strip()
    found = forms.minor_of(text, exponent) if text else 0
    if found is None:
        raise Problem(Code.VALIDATION_FAILED, f"{name}: a sum such as 12.50")
    return found


def _told(done: Done, words: str) -> Document:
    return {"waits": True} if done.status == _ACCEPTED else {"did": words}
