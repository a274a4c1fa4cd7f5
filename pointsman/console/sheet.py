"""One form of a page: what was filled in, done once, and shown again where something is wrong.

A form carries a key of its own, so that sending it twice does one act; and a code of the
authenticator where an act wants a fresh one. Pages that use it are pages_*.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import doors, once
from pointsman.console.gate import Ask, form_of
from pointsman.console.office import Office
from pointsman.console.once import Done
from pointsman.console.pages import show
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.signing import SignedIn
from pointsman.console.tongue import words_of
from pointsman.store.console_once import Claim
from pointsman.store.console_pool import Act

SHOWN = frozenset(
    {
        *(Code.VALIDATION_FAILED, Code.STEP_UP_REQUIRED, Code.STATE_CONFLICT, Code.DUPLICATE),
        *(Code.PERMISSION_DENIED, Code.ALREADY_DECIDED, Code.SELF_APPROVAL, Code.RATE_LIMITED),
        Code.ETAG_MISMATCH,
    }
)
"""What is told on the form's own page."""


@dataclass
class Sheet:
    """A form that was sent, or is shown for the first time."""

    office: Office
    ask: Ask
    request: Request
    form: Mapping[str, str] = field(default_factory=dict)
    opened: SignedIn | None = None

    @classmethod
    async def sent(cls, office: Office, ask: Ask, request: Request) -> "Sheet":
        """Return the form that was sent; a code in it is shown to the door. Raises Problem."""
        sheet = cls(office, ask, request, await form_of(request))
        code = sheet.form.get("code", "").strip()
        if code and not ask.caller.is_fresh:
            sheet.opened = await office.signing.step_up(
                ask.caller.user_id, ask.caller.token, code, ask.origin
            )
            renewed = replace(
                ask.caller, token=sheet.opened.token, csrf=sheet.opened.csrf, proven_s=0.0
            )
            sheet.ask = replace(ask, caller=renewed)
        return sheet

    def path(self, name: str) -> str:
        """Return a part of the address."""
        return str(self.request.path_params.get(name, ""))

    async def once(
        self,
        want: Any,  # noqa: ANN401  # a value of wants.py
        function: Callable[[Ask, Act, Any], Awaitable[Done]],
    ) -> Done:
        """Do the act once, by the key that came with the form; a second click sees the first's."""
        claim = self.claim(want)
        return await self.office.once.do(
            claim, lambda act: function(self.ask, act, want), waits=True
        )

    def claim(self, want: Any) -> Claim:  # noqa: ANN401  # a value of wants.py
        """Return the claim of what the form asks, by its key."""
        asked = [want, dict(self.request.path_params)]
        route = self.request.scope["route"].path
        return once.claim_of(self.ask, route, self.form.get(once.FIELD, ""), asked)

    async def page(
        self, template: str, found: Mapping[str, Any], problem: Problem | None = None
    ) -> Response:
        """Show a page with what was filled in and what is wrong with it."""
        words, wrong = words_of(self.request), problem.faults if problem else ()
        faults = {one.pointer.strip("/"): words.detail(one.detail) for one in wrong}
        more = {
            "given": self.form,
            "faults": faults,
            "wrong": words.detail(problem.detail) if problem else "",
            "once": self.office.effects.random_bytes(16).hex(),
        }
        status = problem.kind.status if problem else 200
        answer = await show(
            self.office, self.request, template, {**found, **more}, self.ask, status=status
        )
        return self.answer(answer)

    def answer(self, answer: Response) -> Response:
        """Return the answer with the session's new cookie, where it has one."""
        return doors.with_cookie(answer, self.opened, self.request) if self.opened else answer


Page = Callable[[Sheet, Problem | None, Document], Awaitable[Response]]


async def sent(blank: Sheet, page: Page, work: Callable[[Sheet], Awaitable[Document]]) -> Response:
    """Do what a form asks and show its page; what is wrong is shown there, too."""
    sheet = blank
    try:
        sheet = await Sheet.sent(blank.office, blank.ask, blank.request)
        done = await work(sheet)
    except Problem as problem:
        if problem.code not in SHOWN:
            raise
        return await page(sheet, problem, {})
    return await page(sheet, None, done)


def link_of(sheet: Sheet, done: Done) -> Document:
    """Return what a page shows of a link that was made."""
    path = str(done.secrets.get("link", ""))
    if not path:
        return {"waits": done.status == 202}  # noqa: PLR2004  # accepted: a second person decides
    return {"link": f"{sheet.request.base_url}{path.lstrip('/')}"}
