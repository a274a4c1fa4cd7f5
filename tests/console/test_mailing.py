"""Mailing: a real SMTP server takes letters, refuses them, is away; each try is told."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_string, policy
from typing import cast

import pytest

from pointsman.console.mailing import Mailing
from pointsman.console.office import Office
from pointsman.sections import Mail
from pointsman.store.console_rows import GrantRow
from tests.console.browser import EFFECTS, furnished

GRANT = GrantRow("operator", "platform", "")
ANN = "ann@example.com"


@dataclass
class Post:
    """What a server was given, and how it answers RCPT TO."""

    port: int
    answer: str = "250 ok"
    mails: list[str] = field(default_factory=list)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    post: Post


class _Talk(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as smtplib says."""

    def handle(self) -> None:
        post = cast("_Server", self.server).post
        self.say("220 post.example")
        while line := self.rfile.readline().decode().strip():
            match line[:4].upper():
                case "EHLO":
                    self.say("250 post.example")
                case "RCPT":
                    self.say(post.answer)
                case "DATA":
                    self.say("354 go on")
                    lines = []
                    while (one := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(one)
                    post.mails.append("".join(lines))
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post() -> Iterator[Post]:
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.post = Post(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.post
        server.shutdown()
        thread.join()


def mailing(office: Office, port: int) -> Mailing:
    base = "https://console.example"
    mail = Mail("127.0.0.1", port, "none", sender="pointsman@example.com", link_base=base)
    return Mailing(office.pool, office.signing, mail, EFFECTS)


async def told(office: Office) -> list[tuple[str, str, int]]:
    return await office.pool.rows("select mail_state, mail_problem, mail_tries from outbox")


async def test_an_invitation_to_an_address_is_mailed_once(database: str, post: Post) -> None:
    office = await furnished(database)
    token = await office.signing.invite("invitation", "admin", ANN, GRANT)
    assert await mailing(office, post.port).send_due() == 1
    assert await mailing(office, post.port).send_due() == 0
    (mail,) = post.mails
    read = message_from_string(mail, policy=policy.default)
    assert read["To"] == ANN
    assert f"https://console.example/welcome/{token}" in read.get_content()
    assert await told(office) == [("sent", "", 1)]


async def test_a_name_that_is_no_address_is_not_mailed(database: str, post: Post) -> None:
    office = await furnished(database)
    await office.signing.invite("invitation", "admin", "ann", GRANT)
    assert await mailing(office, post.port).send_due() == 0
    assert await told(office) == [("kept", "", 0)]


async def test_what_a_server_refuses_for_good_is_not_tried_again(database: str, post: Post) -> None:
    office = await furnished(database)
    post.answer = "550 nobody here"
    await office.signing.invite("invitation", "admin", ANN, GRANT)
    assert await mailing(office, post.port).send_due() == 0
    assert await told(office) == [("failed", "recipient refused: 550", 1)]


async def test_what_a_server_refuses_for_now_comes_again_later(database: str, post: Post) -> None:
    office = await furnished(database)
    post.answer = "450 busy"
    await office.signing.invite("invitation", "admin", ANN, GRANT)
    await mailing(office, post.port).send_due()
    assert await told(office) == [("due", "recipient refused: 450", 1)]
    assert await mailing(office, post.port).send_due() == 0  # not yet
    await office.pool.rows("update outbox set mail_due_at = now() returning 1")
    post.answer = "250 ok"
    assert await mailing(office, post.port).send_due() == 1


async def test_a_server_that_is_away_is_told_and_tried_again(database: str) -> None:
    office = await furnished(database)
    await office.signing.invite("invitation", "admin", ANN, GRANT)
    await mailing(office, 1).send_due()
    ((state, problem, _),) = await told(office)
    assert (state, problem) == ("due", "ConnectionRefusedError")


async def test_a_link_that_was_used_is_not_mailed(database: str, post: Post) -> None:
    office = await furnished(database)
    await office.signing.invite("invitation", "admin", ANN, GRANT)
    await office.pool.rows("update one_time_links set used_at = now() returning 1")
    assert await mailing(office, post.port).send_due() == 0


async def test_without_a_server_nothing_runs(database: str) -> None:
    office = await furnished(database)
    await Mailing(office.pool, office.signing, Mail(), EFFECTS).run()
