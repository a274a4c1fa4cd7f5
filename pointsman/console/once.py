"""A request that creates something or moves money is done once, however often it is sent.

The key comes with the request (`Idempotency-Key`, or a field of a form) and is kept with the answer
for 72 hours, for each caller and route. The same key with another body is refused, and so is one
whose request is still under way; a request that was found wrong is not kept. Rows are in
store/console_once.py.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request

from pointsman.console.gate import Ask
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.store import console_once
from pointsman.store.console_once import Claim, Kept
from pointsman.store.console_pool import Act, ConsolePool

HEADER = "idempotency-key"
FIELD = "once"
"""The form's field: made with the page, so that a form is done once."""
_KEY = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Done:
    """An answer. `secrets` are shown with the first answer alone, and never kept."""

    document: Document
    status: int = 201
    secrets: Document = field(default_factory=dict, repr=False)
    replayed: bool = False

    @property
    def shown(self) -> Document:
        """The whole answer."""
        return {**self.document, **self.secrets}


def key_of(request: Request) -> str:
    """Return the request's key; raises Problem. A quoted key is taken without its quotes."""
    text = request.headers.get(HEADER, "").strip().strip('"')
    if not _KEY.fullmatch(text):
        raise Problem(
            Code.IDEMPOTENCY_KEY_MISSING, "Idempotency-Key: 1 to 128 printable ASCII characters"
        )
    return text


def claim_of(ask: Ask, route: str, key: str, want: object) -> Claim:
    """Return the claim of one request; `want` is everything that it asks."""
    if not _KEY.fullmatch(key):
        raise Problem(Code.IDEMPOTENCY_KEY_MISSING, "The form has no key: load the page again.")
    digest = hashlib.sha256(msgspec.json.encode(want)).digest()
    return Claim(ask.caller.owner, route, key, digest)


def replayed(kept: Kept, claim: Claim) -> Done:
    """Return the answer that was kept; raises Problem where it is of another request, or not yet.

    An answer that is not there yet belongs to a request under way.
    """
    if kept.digest != claim.digest:
        raise Problem(
            Code.IDEMPOTENCY_BODY_DIFFERS, "The key was used for something else: take a new one."
        )
    if kept.status is None or kept.answer is None:
        raise _in_progress()
    return Done(msgspec.json.decode(kept.answer, type=Document), kept.status, replayed=True)


class Once:
    """Does requests once."""

    def __init__(self, pool: ConsolePool) -> None:
        self._pool = pool
        self._under_way: set[tuple[str, str, str]] = set()

    @contextmanager
    def alone(self, claim: Claim) -> Iterator[None]:
        """Hold a key for longer than its commit: what must be said to others after it.

        Raises Problem where another request of this process holds it.
        """
        if claim.name in self._under_way:
            raise _in_progress()
        self._under_way.add(claim.name)
        try:
            yield
        finally:
            self._under_way.discard(claim.name)

    async def do(
        self, claim: Claim, work: Callable[[Act], Awaitable[Done]], *, waits: bool = False
    ) -> Done:
        """Do the work and keep its answer in one transaction, or return what was kept.

        Whatever `work` raises leaves nothing behind, the key neither. One that `waits` for the same
        request under way is given its answer; others are told so. Raises Problem.
        """
        async with self._pool.act() as act:
            kept = await console_once.claim(act, claim, waits=waits)
            if kept is not None:
                return replayed(kept, claim)
            done = await work(act)
            await console_once.keep(act, claim, done.status, _kept(done.document))
            return done

    async def forget(self, claim: Claim, document: Document) -> None:
        """Free the key, where what is kept under it is `document` and came to naught."""
        async with self._pool.act() as act:
            await console_once.forget(act, claim, _kept(document))


def _in_progress() -> Problem:
    return Problem(Code.IDEMPOTENCY_IN_PROGRESS, "Ask again in a moment.", retry_s=1)


def _kept(document: Document) -> str:
    return msgspec.json.encode(document).decode()
