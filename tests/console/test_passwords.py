"""Passwords: argon2id, nobody's takes as long, weak ones are refused."""

from pointsman.console import passwords


async def test_a_password_fits_its_hash_and_nobodys_fits_none() -> None:
    kept = await passwords.hashed("a horse, a battery")
    assert kept.startswith("$argon2id$")
    assert await passwords.fits(kept, "a horse, a battery")
    assert not await passwords.fits(kept, "a horse, a cart")
    assert not await passwords.fits(None, "a horse, a battery")
    assert not await passwords.fits("no hash at all", "x")


def test_weak_passwords_are_refused_with_the_reason() -> None:
    assert passwords.why_not("short", "ada")
    assert passwords.why_not("x" * 201, "ada")
    assert passwords.why_not("aaaaaaaaaaaaaa", "ada")
    assert passwords.why_not("Lovelace-is-Ada-1", "ada")
    assert passwords.why_not("a horse, a battery", "lin") is None
