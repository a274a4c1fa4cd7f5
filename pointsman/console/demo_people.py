"""The demo's people: one account for each role, with a published password and authenticator.

Only where the settings say `mode = "demo"`; anywhere else nothing here does anything. The page of
the sign-in tells them, with the code of the moment; `pointsman user demo` makes them.
"""

from dataclasses import dataclass

import pyotp

from pointsman.console import passwords, second_factor
from pointsman.console.office import Office
from pointsman.console.payments import Document
from pointsman.console.rights import SCOPES, Role, Scope
from pointsman.console.seal import NONCE_SIZE, Seal
from pointsman.store import console_people_acts as acts
from pointsman.store.console_pool import Entry
from pointsman.store.console_rows import GrantRow

MODE = "demo"
PASSWORD = "every payment on its track"  # noqa: S105  # published: of the demo alone
SECRET = b"published demo secret"[:20]


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the demo."""

    login: str
    name: str
    role: Role


ACCOUNTS = (
    Account("admin", "Ada Admin", Role.PLATFORM_ADMIN),
    Account("operator", "Otto Operator", Role.OPERATOR),
    Account("risk", "Rita Risk", Role.RISK),
    Account("owner", "Olga Owner", Role.MERCHANT_OWNER),
    Account("staff", "Sam Staff", Role.MERCHANT_STAFF),
    Account("viewer", "Vera Viewer", Role.MERCHANT_VIEWER),
)


class NoDemoError(Exception):
    """The house is no demo, or has people already; the text says which."""


async def make(office: Office, seal: Seal) -> list[Account]:
    """Make the accounts; those of a merchant are of the first one. Raises NoDemoError."""
    if office.mode != MODE:
        raise NoDemoError('these accounts are made only where the settings say mode = "demo"')
    there = {user.login for user in await office.people.all(None)}
    missing = [one for one in ACCOUNTS if one.login not in there]
    mids = sorted(await office.reads.all_mids())
    if not mids:
        raise NoDemoError("no merchant is here yet")
    hashed = await passwords.hashed(PASSWORD)
    for one in missing:
        user_id = office.effects.new_id()
        nonce = office.effects.random_bytes(NONCE_SIZE)
        of_merchant = Scope.MERCHANT in SCOPES[one.role]
        grant = GrantRow(
            one.role.value,
            (Scope.MERCHANT if of_merchant else Scope.PLATFORM).value,
            mids[0] if of_merchant else "",
        )
        async with office.pool.act() as act:
            await acts.new_user(
                act,
                user_id=user_id,
                login=one.login,
                name=one.name,
                password_hash=hashed,
                totp=(seal.close(SECRET, user_id, nonce), 0),
                recovery_hashes=[],
                grant=grant,
                given_by="demo",
            )
            await act.audit(Entry("demo", "make_account", "user", one.login, mid=grant.mid))
    return missing


async def told(office: Office) -> Document | None:
    """Return what the sign-in page of a demo tells; None anywhere else."""
    if office.mode != MODE:
        return None
    there = {user.login for user in await office.people.all(None)}
    found = [{"login": one.login, "role": one.role.value} for one in ACCOUNTS if one.login in there]
    if not found:
        return None
    now_s = int(office.effects.now().timestamp())
    code = pyotp.TOTP(second_factor.text_of(SECRET)).generate_otp(now_s // second_factor.STEP_S)
    return {"accounts": found, "password": PASSWORD, "code": code}
