"""Passwords: argon2id in a thread, two at a time, so that the loop and the memory stay free.

A shell because of the threads. Which password is accepted, and what follows from a wrong one, is
in signing.py; the hashes are kept by store/console_people.py.
"""

import argon2
import trio

SIZE_MIN, SIZE_MAX = 12, 200
"""Characters: the upper bound keeps a request from being a job."""
AT_ONCE_MAX = 2

_hasher = argon2.PasswordHasher()  # RFC 9106: argon2id, 64 MiB, 3 passes
_limiter = trio.CapacityLimiter(AT_ONCE_MAX)
# Of a password that nobody has: an unknown name takes as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


async def hashed(password: str) -> str:
    """Return the hash that is kept."""
    return await trio.to_thread.run_sync(_hasher.hash, password, limiter=_limiter)


async def fits(kept: str | None, password: str) -> bool:
    """Say whether the password is the one that was hashed; None is nobody's, and takes as long."""

    def verify() -> bool:
        try:
            return _hasher.verify(kept or _NOBODY, password[:SIZE_MAX])
        except (argon2.exceptions.Argon2Error, argon2.exceptions.InvalidHashError):
            return False

    return await trio.to_thread.run_sync(verify, limiter=_limiter) and kept is not None


def why_not(password: str, login: str) -> str | None:
    """Return what is wrong with a new password, or None."""
    if not SIZE_MIN <= len(password) <= SIZE_MAX:
        return f"{SIZE_MIN} to {SIZE_MAX} characters are needed"
    if len(set(password)) < SIZE_MIN // 2 or login.lower() in password.lower():
        return "it is too easy to guess"
    return None
