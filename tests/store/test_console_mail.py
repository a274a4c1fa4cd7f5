"""The outbox as the post sees it: due once, again later, never after its link is closed."""

from pointsman.console.office import Office
from pointsman.store import console_mail
from pointsman.store.console_rows import GrantRow
from tests.console.browser import OPEN, furnished

GRANT = GrantRow("operator", "platform", "")


async def taken(office: Office) -> list[str]:
    async with office.pool.act() as act:
        return [one.recipient for one in await console_mail.take(act)]


async def test_letters_to_addresses_are_due_and_wait_longer_after_each_try(database: str) -> None:
    office = await furnished(database)
    try:
        for login in ("ann@example.com", "bob"):
            await office.signing.invite("invitation", "admin", login, GRANT)
        waits = []
        for _ in range(console_mail.TRIES_MAX):
            assert await taken(office) == ["ann@example.com"]
            assert await taken(office) == []
            ((wait,),) = await office.pool.rows(
                "select extract(epoch from mail_due_at - now())::int from outbox"
                " where mail_tries > 0"
            )
            waits.append(wait)
            await office.pool.rows("update outbox set mail_due_at = now() returning 1")
        assert waits == sorted(waits)
        assert await taken(office) == []  # tried often enough
    finally:
        OPEN.pop().pool.close()


async def test_what_became_of_a_letter_is_told(database: str) -> None:
    office = await furnished(database)
    try:
        await office.signing.invite("invitation", "admin", "ann@example.com", GRANT)
        async with office.pool.act() as act:
            (letter,) = await console_mail.take(act)
            await console_mail.tell(act, letter.id, "sent", "")
            rows = await act.rows("select id, mail_state, mail_problem from outbox")
            assert rows == [(letter.id, "sent", "")]
    finally:
        OPEN.pop().pool.close()
