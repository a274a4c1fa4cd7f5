"""Becoming somebody: one-time links, first password and second factor, and new ones of a reset.

A shell. A link is shown once to who made it and lies sealed in the outbox. Signing in is in
signing.py, who may invite whom in staffing.py.
"""

import hashlib
import re
from dataclasses import dataclass, field

from pointsman.console import passwords, second_factor
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.seal import NONCE_SIZE, Seal
from pointsman.effects import Effects
from pointsman.store import console_browsers, console_staff
from pointsman.store import console_people_acts as acts
from pointsman.store.console_browsers import KnownBrowser
from pointsman.store.console_people import People
from pointsman.store.console_pool import Act, AlreadyThereError, ConsolePool, Entry
from pointsman.store.console_rows import GrantRow, LinkRow

_LETTER = b"letter"
TOKEN_SIZE = 32
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,79}")
NAME_SIZE_MAX = 80


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, for the audit."""

    address: str
    request_id: str
    browser: str = field(default="", repr=False)  # its cookie, if it was given one


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's value and the token of its forms, told once."""

    token: str
    csrf: str
    browser: str = ""  # where it was not known before


def refused() -> Problem:
    """Return the one problem of all that can be wrong at the door."""
    return Problem(Code.UNAUTHENTICATED, "User name, password or code is wrong, or it is locked.")


def browser_hash(token: str, password_hash: str) -> bytes:
    """Return what is kept of a browser's cookie: with another password it is another browser."""
    return hashlib.sha256(f"{token}/{password_hash}".encode()).digest()


def token_hash(token: str) -> bytes:
    """Return what is kept of a cookie, link or key: it has 256 random bits, so one hash does."""
    return hashlib.sha256(token.encode()).digest()


class Enrolling:
    """Makes people of links."""

    def __init__(self, pool: ConsolePool, people: People, seal: Seal, effects: Effects) -> None:
        self._pool = pool
        self._people = people
        self._seal = seal
        self._effects = effects

    async def invite(self, kind: str, made_by: str, login: str, grant: GrantRow) -> str:
        """Make a one-time link for a new person; return its token. Rights are checked before."""
        async with self._pool.act() as act:
            token = await self.link(act, kind, made_by, login, grant)
            await act.audit(
                Entry(
                    made_by,
                    "invite",
                    "user",
                    login or "first administrator",
                    mid=grant.mid,
                    after={"role": grant.role, "scope": grant.scope, "mid": grant.mid},
                )
            )
        return token

    async def link(  # noqa: PLR0917  # the columns
        self,
        act: Act,
        kind: str,
        made_by: str,
        login: str,
        grant: GrantRow,
        user_id: bytes | None = None,
    ) -> str:
        """Make a link within an act; what is for a person lies in the outbox, too."""
        token = self._effects.random_bytes(TOKEN_SIZE).hex()
        hashed = token_hash(token)
        secret = self._effects.random_bytes(second_factor.SECRET_SIZE)
        sealed = self._seal.close(secret, hashed, self._effects.random_bytes(NONCE_SIZE))
        await acts.open_link(
            act,
            LinkRow(
                *(hashed, kind, user_id, login, grant.role, grant.scope, grant.mid, sealed),
                *(made_by, grant.outlet),
            ),
        )
        if kind != "first":
            nonce = self._effects.random_bytes(NONCE_SIZE)
            await console_staff.put_out(
                act,
                letter=self._effects.new_id(),
                kind=kind,
                recipient=login,
                mid=grant.mid,
                link_hash=hashed,
                sealed=self._seal.close(token.encode(), _LETTER + hashed, nonce),
                made_by=made_by,
            )
        return token

    def unsealed(self, link_hash: bytes, sealed: bytes) -> str:
        """Return the token of a letter in the outbox."""
        return self._seal.open(sealed, _LETTER + link_hash).decode()

    async def opened_link(self, token: str) -> tuple[LinkRow, bytes]:
        """Return an open link and the authenticator secret that it shows."""
        link = await self._people.link(token_hash(token))
        if link is None or (link.kind == "first" and not await self._people.is_empty()):
            raise Problem(Code.NOT_FOUND, "This link was used, or is too old. Ask for a new one.")
        return link, self._seal.open(link.totp_sealed, link.hash)

    async def accept(
        self, token: str, *, login: str, name: str, password: str, code: str, origin: Origin
    ) -> tuple[SignedIn, tuple[str, ...]]:
        """Make the person of a link; return its first session and the recovery codes."""
        link, secret = await self.opened_link(token)
        login = link.login or login.strip()
        step = second_factor.accepted_step(secret, code, now_s=self._now_s(), last_step=0)
        faults = list(_faults(login, name.strip(), password, renewed=link.user_id is not None))
        if step is None:
            faults.append(Fault("code", "invalid", "the code does not fit: is the clock right?"))
        if faults or step is None:
            raise Problem(Code.VALIDATION_FAILED, faults[0].detail, faults=tuple(faults))
        user_id = link.user_id or self._effects.new_id()
        nonce = self._effects.random_bytes(NONCE_SIZE)
        size = second_factor.RECOVERY_CODES * second_factor.RECOVERY_SIZE
        codes = second_factor.recovery_codes(self._effects.random_bytes(size))
        password_hash = await passwords.hashed(password)
        try:
            async with self._pool.act() as act:
                if not await acts.link_used(act, link.hash):
                    raise Problem(Code.NOT_FOUND, "This link was used.")
                totp = (self._seal.close(secret, user_id, nonce), step)
                hashes = [second_factor.recovery_hash(one) for one in codes]
                if link.user_id is not None:
                    known = await console_staff.renew(
                        act, user_id, password_hash=password_hash, totp=totp, recovery_hashes=hashes
                    )
                    if known is None:
                        raise Problem(Code.NOT_FOUND, "Nobody here has this link any more.")
                    await act.audit(self.entry(known, "accept_reset", origin, mid=link.mid))
                else:
                    await acts.new_user(
                        act,
                        user_id=user_id,
                        login=login,
                        name=name.strip(),
                        password_hash=password_hash,
                        totp=totp,
                        recovery_hashes=hashes,
                        grant=link.grant,
                        given_by=link.made_by,
                    )
                    entry = self.entry(
                        login, "accept_invitation", origin, role=link.role, mid=link.mid
                    )
                    await act.audit(entry)
        except AlreadyThereError:
            raise Problem(
                Code.DUPLICATE,
                "Somebody has this user name.",
                faults=(Fault("login", Code.DUPLICATE, "somebody has this user name"),),
            ) from None
        return await self.opened(user_id, login, origin, password_hash), codes

    async def opened(
        self,
        user_id: bytes,
        login: str,
        origin: Origin,
        password_hash: str,
        known: KnownBrowser | None = None,
    ) -> SignedIn:
        """Open a session; a browser that was not known is from now on. Raises Problem."""
        token, csrf, browser = (self._effects.random_bytes(TOKEN_SIZE).hex() for _ in range(3))
        async with self._pool.act() as act:
            if not await console_browsers.may_open(act, user_id, known.hash if known else None):
                raise refused()  # others tried meanwhile: ten are ten also at once
            await acts.signed_in(
                act, user_id, token_hash(token), csrf, origin.address, forgets=known is None
            )
            if known is None:
                await console_browsers.remember(act, user_id, browser_hash(browser, password_hash))
            else:
                await console_browsers.succeeded(act, known.hash)
            await act.audit(self.entry(login, "sign_in", origin))
        return SignedIn(token, csrf, "" if known else browser)

    def _now_s(self) -> int:
        return int(self._effects.now().timestamp())

    @staticmethod
    def entry(
        actor: str,
        act: str,
        origin: Origin,
        *,
        reason: str = "",
        result: str = "done",
        role: str = "",
        mid: str = "",
    ) -> Entry:
        """Return a row of the audit trail about a person's own door."""
        return Entry(
            actor,
            act,
            "user",
            actor,
            role=role,
            mid=mid,
            reason=reason,
            address=origin.address,
            request_id=origin.request_id,
            result=result,
        )


def _faults(login: str, name: str, password: str, *, renewed: bool) -> list[Fault]:
    found = []
    if not LOGIN.fullmatch(login):
        found.append(Fault("login", "invalid", "3 to 80 letters, digits and . _ @ + -"))
    if not renewed and (not 1 <= len(name) <= NAME_SIZE_MAX or not name.isprintable()):
        found.append(Fault("name", "invalid", f"1 to {NAME_SIZE_MAX} characters"))
    if why := passwords.why_not(password, login):
        found.append(Fault("password", "invalid", why))
    return found
