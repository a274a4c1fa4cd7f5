"""The pages before one is somebody: sign in, sign out, a one-time link, the language.

What is right or wrong is decided in signing.py. The cookie holds a random token that only this
process's database knows by its hash; it is out of a script's reach and stays with this site.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import demo_people, second_factor
from pointsman.console.gate import BROWSER_COOKIE, COOKIE, Ask, form_of
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.signing import SignedIn
from pointsman.console.tongue import COOKIE as LANGUAGE_COOKIE
from pointsman.console.tongue import words_of
from pointsman.console.words import LANGUAGES

Show = Callable[..., Awaitable[Response]]
_YEAR_S = 365 * 24 * 3600


def add_routes(routes: Routes, office: Office, show: Show) -> None:
    """Add the doors."""

    async def asked(ask: Ask, request: Request) -> Response:
        found = {"wrong": "", "login": "", "demo": await demo_people.told(office)}
        return await show(office, request, "sign_in.html", found, ask)

    async def sign_in(ask: Ask, request: Request) -> Response:
        form = await form_of(request)
        login = form.get("login", "").strip()
        try:
            opened = await office.signing.sign_in(
                login, form.get("password", ""), form.get("code", ""), ask.origin
            )
        except Problem as problem:
            if problem.code is not Code.UNAUTHENTICATED:
                raise
            office.metrics.logins.labels("refused").inc()
            demo = await demo_people.told(office)
            found = {"wrong": problem.detail, "login": login[:80], "demo": demo}
            return await show(office, request, "sign_in.html", found, ask, status=401)
        office.metrics.logins.labels("done").inc()
        answer = RedirectResponse(inside(ask.parameters.get("next", "/")), 303)
        return with_cookie(answer, opened, request)

    async def sign_out(ask: Ask, _: Request) -> Response:
        await office.signing.sign_out(ask.caller.token, ask.caller.name, ask.origin)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def welcome(ask: Ask, request: Request) -> Response:
        token = request.path_params["token"]
        link, secret = await office.signing.opened_link(token)
        found = _welcome(link.login, secret) | {"renewed": link.user_id is not None}
        return await show(office, request, "welcome.html", found, ask)

    async def accept(ask: Ask, request: Request) -> Response:
        token = request.path_params["token"]
        form = await form_of(request)
        link, secret = await office.signing.opened_link(token)
        try:
            opened, codes = await office.signing.accept(
                token,
                login=form.get("login", ""),
                name=form.get("name", ""),
                password=form.get("password", ""),
                code=form.get("code", ""),
                origin=ask.origin,
            )
        except Problem as problem:
            if not problem.faults:
                raise
            words = words_of(request)
            found = _welcome(link.login or form.get("login", "")[:80], secret) | {
                "fixed": bool(link.login),
                "renewed": link.user_id is not None,
                "name": form.get("name", "")[:80],
                "faults": {one.pointer: words.detail(one.detail) for one in problem.faults},
            }
            return await show(office, request, "welcome.html", found, ask, status=422)
        answer = await show(office, request, "recovery.html", {"codes": codes}, ask)
        return with_cookie(answer, opened, request)

    async def language(ask: Ask, request: Request) -> Response:
        wanted = request.path_params["language"]
        if wanted not in LANGUAGES:
            raise Problem(Code.NOT_FOUND)
        answer = RedirectResponse(inside(ask.parameters.get("next", "/")), 303)
        answer.set_cookie(LANGUAGE_COOKIE, wanted, max_age=_YEAR_S, samesite="lax")
        return answer

    routes.add("GET", "/sign-in", asked, shown=False)
    routes.add("POST", "/sign-in", sign_in, shown=False)
    routes.add("POST", "/sign-out", sign_out, shown=False)
    routes.add("GET", "/welcome/{token}", welcome, shown=False)
    routes.add("POST", "/welcome/{token}", accept, shown=False)
    routes.add("GET", "/language/{language}", language, shown=False)


def sign_in_address(wanted: str) -> str:
    """Return where a stranger signs in, and comes back from to what was wanted."""
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"


def inside(wanted: str) -> str:
    """Return the address when it is one of ours; another site's would be a trap."""
    one_slash = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if one_slash else "/"


def _welcome(login: str, secret: bytes) -> Document:
    picture = segno.make(second_factor.address_of(secret, login or "administrator"), micro=False)
    return {
        "login": login,
        "fixed": bool(login),
        "name": "",
        "faults": {},
        "secret": second_factor.text_of(secret),
        "picture": picture.svg_inline(scale=4, border=2, lineclass=None, svgclass="qr"),
    }


def with_cookie(answer: Response, opened: SignedIn, request: Request) -> Response:
    """Return the answer with the session's cookie: out of a script's reach, for this site."""
    is_secure = request.url.scheme == "https"
    if opened.browser:
        answer.set_cookie(
            BROWSER_COOKIE,
            opened.browser,
            max_age=_YEAR_S,
            httponly=True,
            samesite="lax",
            secure=is_secure,
            path="/",
        )
    answer.set_cookie(
        COOKIE,
        opened.token,
        httponly=True,
        samesite="lax",
        secure=is_secure,
        path="/",
    )
    return answer
