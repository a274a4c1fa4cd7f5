"""How the API's acts are asked and answered: JSON body in, one act, status and headers out.

The acts themselves are in changing.py, onboarding.py and others; that each is done once is once.py,
what a body may say wants.py. Routes and rights are in routes.py.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import bodies, once
from pointsman.console.gate import Ask
from pointsman.console.office import Office
from pointsman.console.once import Done, Once
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.store.console_pool import Act

T = TypeVar("T", bound=msgspec.Struct)
Work = Callable[[Act], Awaitable[Done]]


async def body_of(request: Request, kind: type[T]) -> T:
    """Return the request's JSON body; raises Problem. No body at all is an empty object."""
    data = await request.body()
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json" and (data or given):
        raise Problem(Code.UNSUPPORTED_FORMAT, "Content-Type: application/json")
    return bodies.read(data or b"{}", kind)


def answered(document: Document, status: int = 200, *, etag: str = "") -> Response:
    """Return an answer in JSON."""
    headers = {"etag": etag} if etag else {}
    return Response(
        msgspec.json.encode(document), status, headers=headers, media_type="application/json"
    )


async def answered_once(
    office_once: Once, ask: Ask, request: Request, want: msgspec.Struct, work: Work
) -> Response:
    """Do a request once by its idempotency key, and answer it."""
    asked = [want, dict(request.path_params)]
    route = f"{request.method} {request.scope['route'].path}"
    claim = once.claim_of(ask, route, once.key_of(request), asked)
    return told(await office_once.do(claim, work))


async def answered_act(
    office: Office, ask: Ask, request: Request, want: msgspec.Struct, work: Work
) -> Response:
    """Do an act and answer it; once, where the request has an idempotency key."""
    if once.HEADER in request.headers:
        return await answered_once(office.once, ask, request, want, work)
    async with office.pool.act() as act:
        done = await work(act)
    return told(done)


def told(done: Done) -> Response:
    """Return the answer of an act; a replayed one says so."""
    answer = answered(done.shown, done.status)
    if done.replayed:
        answer.headers["idempotency-replayed"] = "true"
    return answer
