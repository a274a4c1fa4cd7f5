"""Signing in, and showing a fresh code: password and second factor, each try in the audit.

A shell that asks the store and the threads of passwords.py. An unknown name, a wrong password, a
wrong code and a lock are told alike, and take alike. Wrong tries are counted for the person, those
from a browser that the person was in before for that browser: no stranger locks anybody out there.
Becoming somebody is enrolling.py, cookies are in gate.py.
"""

from pointsman.console import passwords, second_factor
from pointsman.console.enrolling import (
    LOGIN,
    TOKEN_SIZE,
    Enrolling,
    Origin,
    SignedIn,
    browser_hash,
    refused,
    token_hash,
)
from pointsman.console.problems import Code, Problem
from pointsman.store import console_browsers
from pointsman.store import console_people_acts as acts
from pointsman.store.console_browsers import KnownBrowser
from pointsman.store.console_pool import Act
from pointsman.store.console_rows import UserRow

__all__ = ["LOGIN", "Origin", "SignedIn", "Signing", "token_hash"]


class Signing(Enrolling):
    """The door of the back office."""

    async def sign_in(self, login: str, password: str, code: str, origin: Origin) -> SignedIn:
        """Open a session; raises Problem with one text for all that can be wrong."""
        user = await self._people.by_login(login)
        fits = await passwords.fits(user.password_hash if user else None, password)
        if user is None:
            async with self._pool.act() as act:
                # What was typed might be a password: it is not kept.
                await act.audit(self.entry("unknown", "sign_in", origin, result="refused"))
            raise refused()
        known = await self._known(user, origin)
        if (known.locked if known else user.locked) or user.state != "active":
            async with self._pool.act() as act:
                await act.audit(
                    self.entry(user.login, "sign_in", origin, reason="locked", result="refused")
                )
            raise refused()
        if not fits or not await self._prove(user, code):
            async with self._pool.act() as act:
                locked = await _failed(act, user, known)
                await act.audit(
                    self.entry(
                        user.login,
                        "sign_in",
                        origin,
                        reason="locked from now on" if locked else "",
                        result="refused",
                    )
                )
            raise refused()
        return await self.opened(user.id, user.login, origin, user.password_hash, known)

    async def sign_out(self, token: str, login: str, origin: Origin) -> None:
        """End the session."""
        async with self._pool.act() as act:
            await acts.signed_out(act, token_hash(token))
            await act.audit(self.entry(login, "sign_out", origin))

    async def step_up(self, user_id: bytes, old: str, code: str, origin: Origin) -> SignedIn:
        """Take a fresh code of a person signed in; the session gets a new token. Raises Problem.

        A wrong code counts as a wrong try at the door does.
        """
        user = await self._people.by_id(user_id) if old else None
        if user is None:
            raise Problem(Code.PERMISSION_DENIED, "A machine has no second factor.")
        plain = code.strip()
        known = await self._known(user, origin)
        is_locked = known.locked if known else user.locked
        if is_locked or len(plain) != 6 or not await self._prove(user, plain):  # noqa: PLR2004
            async with self._pool.act() as act:
                locked = not is_locked and await _failed(act, user, known)
                if locked or is_locked:
                    await acts.signed_out(act, token_hash(old))
                await act.audit(self.entry(user.login, "step_up", origin, result="refused"))
            raise Problem(Code.STEP_UP_REQUIRED, "The code does not fit, or was used.")
        token = self._effects.random_bytes(TOKEN_SIZE).hex()
        csrf = self._effects.random_bytes(TOKEN_SIZE).hex()
        async with self._pool.act() as act:
            if not await acts.renewed(act, token_hash(old), token_hash(token), csrf):
                raise Problem(Code.SESSION_EXPIRED, "Sign in again.")
            await act.audit(self.entry(user.login, "step_up", origin))
        return SignedIn(token, csrf)

    async def _known(self, user: UserRow, origin: Origin) -> KnownBrowser | None:
        """Return the browser of the request, where this person has signed in with it before."""
        if not origin.browser:
            return None
        hashed = browser_hash(origin.browser, user.password_hash)
        return await console_browsers.known(self._pool, user.id, hashed)

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


async def _failed(act: Act, user: UserRow, known: KnownBrowser | None) -> bool:
    """Count a wrong try: a stranger's with those of strangers, a known browser's with its own."""
    if known is None:
        return await acts.failed(act, user.id)
    return await console_browsers.failed(act, known.hash)
