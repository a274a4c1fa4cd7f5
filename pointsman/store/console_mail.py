"""The outbox as the post sees it: letters that are due, and what became of each try.

Each function writes inside the Act that it is given. What a letter says, and how it is sent, is in
console/mailing.py; letters are written by console_staff.py.
"""

from typing import Final

from pointsman.store.console_pool import Act
from pointsman.store.console_rows import Letter

TRIES_MAX: Final = 6
_TAKE: Final = """
update outbox set mail_state = 'due', mail_tries = mail_tries + 1,
    mail_due_at = now() + make_interval(secs => 10 * power(6, least(mail_tries, 4)))
where id in (
    select o.id from outbox o join one_time_links l on l.hash = o.link_hash
    where o.mail_state in ('kept', 'due') and o.recipient like '%%_@_%%'
        and (o.mail_due_at is null or o.mail_due_at <= now())
        and o.mail_tries < %s and l.used_at is null and l.expires_at > now()
    order by o.id limit 20 for update of o skip locked
) returning id, kind, recipient, link_hash, sealed, mail_tries
"""
_TELL: Final = """
update outbox set mail_state = %s, mail_problem = %s,
    mail_sent_at = case when %s = 'sent' then now() end
where id = %s
"""


async def take(act: Act) -> list[Letter]:
    """Return letters that are due; each comes again later until it is told what became of it."""
    return [Letter(*row) for row in await act.rows(_TAKE, (TRIES_MAX,))]


async def tell(act: Act, letter: bytes, state: str, problem: str) -> None:
    """Keep what became of a try: sent, due or failed, and what was wrong."""
    await act.rows(_TELL, (state, problem[:200], state, letter))
