"""Answers kept for their idempotency keys: one key of one caller, one request, one answer.

Each function writes inside the Act that it is given, so that a key and what was done under it are
one commit. What a key means for a request is decided in console/once.py.
"""

from dataclasses import dataclass
from typing import Final

from pointsman.store.console_pool import Act

KEPT_S: Final = 72 * 3600
_HOLD: Final = "select pg_try_advisory_xact_lock(hashtextextended(%s, 8580))"
"""Until the commit; two names with one hash, one in 2^64, would only be told to come again."""
_FORGET: Final = "delete from idempotency where at < now() - make_interval(secs => %s)"
_CLAIM: Final = """
insert into idempotency (owner, route, key, digest) values (%s, %s, %s, %s)
on conflict do nothing returning 1
"""
_FIND: Final = """
select digest, status, answer from idempotency where owner = %s and route = %s and key = %s
"""
_KEEP: Final = """
update idempotency set status = %s, answer = %s where owner = %s and route = %s and key = %s
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks what, under which key; `digest` is of everything that was asked."""

    owner: str
    route: str
    key: str
    digest: bytes

    @property
    def name(self) -> tuple[str, str, str]:
        """What names its row."""
        return self.owner, self.route, self.key


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key; `status` None: the request is under way."""

    digest: bytes
    status: int | None
    answer: str | None


async def claim(act: Act, wanted: Claim, *, waits: bool = False) -> Kept | None:
    """Take the key; what is kept of it where it is taken, or where a taker is under way.

    One that `waits` for such a taker is given the answer of it.
    """
    await act.rows(_FORGET, (KEPT_S,))
    if found := await act.rows(_FIND, wanted.name):
        return Kept(*found[0])
    if not waits and not (await act.rows(_HOLD, ("\n".join(wanted.name),)))[0][0]:
        return Kept(wanted.digest, None, None)
    if await act.rows(_CLAIM, (*wanted.name, wanted.digest)):
        return None
    return Kept(*(await act.rows(_FIND, wanted.name))[0])


async def keep(act: Act, wanted: Claim, status: int, answer: str) -> None:
    """Keep the answer under the key that was claimed."""
    await act.rows(_KEEP, (status, answer, *wanted.name))


async def forget(act: Act, wanted: Claim, answer: str) -> None:
    """Forget a key under which nothing was done, as long as it is this answer's."""
    await act.rows(
        "delete from idempotency where owner = %s and route = %s and key = %s and answer = %s",
        (*wanted.name, answer),
    )
