"""Letters: one link, both languages, plain headers whatever the name is."""

import pytest

from pointsman.console import letters
from pointsman.console.problems import Problem
from pointsman.store.console_rows import Letter

DATE = "Fri, 20 Nov 2026 06:00:00 +0000"


def mail_to(recipient: str, kind: str = "invitation") -> str:
    letter = Letter(b"\x01" * 16, kind, recipient, b"", b"")
    base = "https://console.example/"
    mail = letters.written(letter, "a-token", sender="pointsman@example", link_base=base, date=DATE)
    return mail.as_bytes().decode("ascii")


def test_a_letter_holds_its_link_once() -> None:
    text = mail_to("ann@example.com")
    assert text.count("a-token") <= 1  # the body may be encoded
    assert "To: ann@example.com" in text
    assert "Message-ID: <" in text
    assert "@console.example>" in text


def test_a_new_password_is_told_as_what_it_is() -> None:
    assert "new password" in mail_to("ann@example.com", "reset")
    assert "new password" not in mail_to("ann@example.com")


@pytest.mark.parametrize(
    "name", ["ann", "ann@", "@example.com", "a@b.c\nBcc: x@y.z", "a@b.c, d@e.f", "<a@b.c> x"]
)
def test_what_is_no_address_gets_no_letter(name: str) -> None:
    with pytest.raises(Problem):
        mail_to(name)


def test_the_secret_is_not_in_a_letters_repr() -> None:
    assert "sealed" not in repr(Letter(b"", "reset", "a@b.c", b"", b"s"))
