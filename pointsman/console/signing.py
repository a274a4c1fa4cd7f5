"""Signing in, and becoming somebody: password and second factor together, each try in the audit.

A shell that asks the store and the threads of passwords.py. An unknown name, a wrong password, a
wrong code and a lock are told alike, and take alike. Cookies are in gate.py, pages in pages/.
"""

import hashlib
import re
from dataclasses import dataclass

from pointsman.console import passwords, second_factor
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.seal import NONCE_SIZE, Seal
from pointsman.effects import Effects
from pointsman.store import console_people_acts as acts
from pointsman.store.console_people import People
from pointsman.store.console_pool import AlreadyThereError, ConsolePool, Entry
from pointsman.store.console_rows import GrantRow, LinkRow, UserRow

TOKEN_SIZE = 32
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,79}")
NAME_SIZE_MAX = 80


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, for the audit."""

    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's value and the token of its forms, told once."""

    token: str
    csrf: str


def token_hash(token: str) -> bytes:
    """Return what is kept of a cookie, link or key: it has 256 random bits, so one hash does."""
    return hashlib.sha256(token.encode()).digest()


class Signing:
    """The door of the back office."""

    def __init__(self, pool: ConsolePool, people: People, seal: Seal, effects: Effects) -> None:
        self._pool = pool
        self._people = people
        self._seal = seal
        self._effects = effects

    async def sign_in(self, login: str, password: str, code: str, origin: Origin) -> SignedIn:
        """Open a session; raises Problem with one text for all that can be wrong."""
        user = await self._people.by_login(login)
        fits = await passwords.fits(user.password_hash if user else None, password)
        if user is None:
            async with self._pool.act() as act:
                # What was typed might be a password: it is not kept.
                await act.audit(self._entry("unknown", "sign_in", origin, result="refused"))
            raise _refused()
        if user.locked or user.state != "active":
            async with self._pool.act() as act:
                await act.audit(
                    self._entry(user.login, "sign_in", origin, reason="locked", result="refused")
                )
            raise _refused()
        if not fits or not await self._prove(user, code):
            async with self._pool.act() as act:
                locked = await acts.failed(act, user.id)
                await act.audit(
                    self._entry(
                        user.login,
                        "sign_in",
                        origin,
                        reason="locked from now on" if locked else "",
                        result="refused",
                    )
                )
            raise _refused()
        return await self._open(user.id, user.login, origin)

    async def sign_out(self, token: str, login: str, origin: Origin) -> None:
        """End the session."""
        async with self._pool.act() as act:
            await acts.signed_out(act, token_hash(token))
            await act.audit(self._entry(login, "sign_out", origin))

    async def step_up(self, user_id: bytes, old: str, code: str, origin: Origin) -> SignedIn:
        """Take a fresh code of a person signed in; the session gets a new token. Raises Problem.

        A wrong code counts as a wrong try at the door does.
        """
        user = await self._people.by_id(user_id) if old else None
        if user is None:
            raise Problem(Code.PERMISSION_DENIED, "A machine has no second factor.")
        plain = code.strip()
        if user.locked or len(plain) != 6 or not await self._prove(user, plain):  # noqa: PLR2004
            async with self._pool.act() as act:
                locked = not user.locked and await acts.failed(act, user.id)
                if locked or user.locked:
                    await acts.signed_out(act, token_hash(old))
                await act.audit(self._entry(user.login, "step_up", origin, result="refused"))
            raise Problem(Code.STEP_UP_REQUIRED, "The code does not fit, or was used.")
        token = self._effects.random_bytes(TOKEN_SIZE).hex()
        csrf = self._effects.random_bytes(TOKEN_SIZE).hex()
        async with self._pool.act() as act:
            if not await acts.renewed(act, token_hash(old), token_hash(token), csrf):
                raise Problem(Code.SESSION_EXPIRED, "Sign in again.")
            await act.audit(self._entry(user.login, "step_up", origin))
        return SignedIn(token, csrf)

    async def invite(self, kind: str, made_by: str, login: str, grant: GrantRow) -> str:
        """Make a one-time link for a new person; return its token. Rights are checked before."""
        token = self._effects.random_bytes(TOKEN_SIZE).hex()
        hashed = token_hash(token)
        secret = self._effects.random_bytes(second_factor.SECRET_SIZE)
        sealed = self._seal.close(secret, hashed, self._effects.random_bytes(NONCE_SIZE))
        link = LinkRow(
            hashed, kind, None, login, grant.role, grant.scope, grant.mid, sealed, made_by
        )
        async with self._pool.act() as act:
            await acts.open_link(act, link)
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
        faults = list(_faults(login, name.strip(), password))
        if step is None:
            faults.append(Fault("code", "invalid", "the code does not fit: is the clock right?"))
        if faults or step is None:
            raise Problem(Code.VALIDATION_FAILED, faults[0].detail, faults=tuple(faults))
        user_id = self._effects.new_id()
        nonce = self._effects.random_bytes(NONCE_SIZE)
        size = second_factor.RECOVERY_CODES * second_factor.RECOVERY_SIZE
        codes = second_factor.recovery_codes(self._effects.random_bytes(size))
        password_hash = await passwords.hashed(password)
        try:
            async with self._pool.act() as act:
                if not await acts.link_used(act, link.hash):
                    raise Problem(Code.NOT_FOUND, "This link was used.")
                await acts.new_user(
                    act,
                    user_id=user_id,
                    login=login,
                    name=name.strip(),
                    password_hash=password_hash,
                    totp=(self._seal.close(secret, user_id, nonce), step),
                    recovery_hashes=[second_factor.recovery_hash(one) for one in codes],
                    grant=GrantRow(link.role, link.scope, link.mid),
                    given_by=link.made_by,
                )
                await act.audit(
                    self._entry(login, "accept_invitation", origin, role=link.role, mid=link.mid)
                )
        except AlreadyThereError:
            raise Problem(
                Code.DUPLICATE,
                "Somebody has this user name.",
                faults=(Fault("login", Code.DUPLICATE, "somebody has this user name"),),
            ) from None
        return await self._open(user_id, login, origin), codes

    async def _prove(self, user: UserRow, code: str) -> bool:
        plain = code.strip().replace(" ", "")
        if len(plain) != 6:  # noqa: PLR2004  # digits of an authenticator's code
            async with self._pool.act() as act:
                return await acts.recovery_used(act, user.id, second_factor.recovery_hash(plain))
        secret = self._seal.open(user.totp_sealed, user.id)
        step = second_factor.accepted_step(
            secret, plain, now_s=self._now_s(), last_step=user.totp_step
        )
        if step is None:
            return False
        async with self._pool.act() as act:
            return await acts.code_used(act, user.id, step)

    async def _open(self, user_id: bytes, login: str, origin: Origin) -> SignedIn:
        token = self._effects.random_bytes(TOKEN_SIZE).hex()
        csrf = self._effects.random_bytes(TOKEN_SIZE).hex()
        async with self._pool.act() as act:
            await acts.signed_in(act, user_id, token_hash(token), csrf, origin.address)
            await act.audit(self._entry(login, "sign_in", origin))
        return SignedIn(token, csrf)

    def _now_s(self) -> int:
        return int(self._effects.now().timestamp())

    @staticmethod
    def _entry(
        actor: str,
        act: str,
        origin: Origin,
        *,
        reason: str = "",
        result: str = "done",
        role: str = "",
        mid: str = "",
    ) -> Entry:
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


def _refused() -> Problem:
    return Problem(Code.UNAUTHENTICATED, "User name, password or code is wrong, or it is locked.")


def _faults(login: str, name: str, password: str) -> list[Fault]:
    found = []
    if not LOGIN.fullmatch(login):
        found.append(Fault("login", "invalid", "3 to 80 letters, digits and . _ @ + -"))
    if not 1 <= len(name) <= NAME_SIZE_MAX or not name.isprintable():
        found.append(Fault("name", "invalid", f"1 to {NAME_SIZE_MAX} characters"))
    if why := passwords.why_not(password, login):
        found.append(Fault("password", "invalid", why))
    return found
