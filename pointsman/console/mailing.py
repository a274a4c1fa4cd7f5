"""Mails what lies in the outbox through the mail server of the settings: SMTP in a thread.

A shell. A letter is sent until the server takes it, at most TRIES_MAX times, further and further
apart; it may arrive twice where we die between its taking and our writing that down. What a letter
says is in letters.py.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import trio

from pointsman import log
from pointsman.console import letters
from pointsman.console.enrolling import Enrolling
from pointsman.console.problems import Problem
from pointsman.effects import Effects
from pointsman.sections import Mail
from pointsman.store import console_mail
from pointsman.store.console_mail import TRIES_MAX
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import Letter
from pointsman.store.verbs import StoreUnavailableError

LOOK_S: Final = 5.0
SEND_S: Final = 20.0
_REFUSED: Final = 500
"""Codes from here on are final (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends letters by the settings; with an empty host it does nothing."""

    pool: ConsolePool
    enrolling: Enrolling
    mail: Mail
    effects: Effects

    async def run(self) -> None:
        """Send what is due until cancelled."""
        while self.mail.host:
            try:
                await self.send_due()
            except StoreUnavailableError:
                log.get().warning("letters_wait")
            await trio.sleep(LOOK_S)

    async def send_due(self) -> int:
        """Send every letter that is due now; return how many were taken by the server."""
        sent = 0
        async with self.pool.act() as act:
            due = await console_mail.take(act)
        for letter in due:
            state, problem = await self._send(letter)
            sent += state == "sent"
            async with self.pool.act() as act:
                await console_mail.tell(act, letter.id, state, problem)
        return sent

    async def _send(self, letter: Letter) -> tuple[str, str]:
        """Return what became of a letter, and what was wrong in words without its content."""
        last = letter.tries >= TRIES_MAX
        try:
            token = self.enrolling.unsealed(letter.link_hash, letter.sealed)
            mail = letters.written(
                letter,
                token,
                sender=self.mail.sender,
                link_base=self.mail.link_base,
                date=format_datetime(self.effects.now()),
            )
            await trio.to_thread.run_sync(_deliver, self.mail, mail)
        except Problem as problem:
            return "failed", problem.detail
        except smtplib.SMTPRecipientsRefused as refused:
            code = max(code for code, _ in refused.recipients.values())
            return ("failed" if last or code >= _REFUSED else "due"), f"recipient refused: {code}"
        except smtplib.SMTPResponseException as error:
            final = last or error.smtp_code >= _REFUSED
            return ("failed" if final else "due"), f"the mail server answers {error.smtp_code}"
        except (OSError, smtplib.SMTPException) as error:
            return ("failed" if last else "due"), type(error).__name__
        return "sent", ""


def _deliver(settings: Mail, mail: EmailMessage) -> None:
    """Hand one mail to the server; raises OSError or SMTPException."""
    context = ssl.create_default_context()
    where = (settings.host, settings.port)
    server: smtplib.SMTP
    if settings.security == "tls":
        server = smtplib.SMTP_SSL(*where, timeout=SEND_S, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=SEND_S)
    with server:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user:
            password = Path(settings.password_file).read_text("utf-8").strip()
            server.login(settings.user, password)
        server.send_message(mail)
