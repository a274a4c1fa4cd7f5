"""What a letter to a person says, in both languages, as a mail (RFC 5322).

A core. A letter holds one link and no other secret; it is not kept after it was sent. Sending is
mailing.py.
"""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from pointsman.console.problems import Code, Problem
from pointsman.store.console_rows import Letter

_SUBJECTS: Final = {
    "reset": "Pointsman: a new password / 重设密码",
    "invitation": "Pointsman: your invitation / 邀请",
}
_TEXT: Final = """{greeting}

{link}

The link is good once, for 24 hours from when it was made. If you did not expect it, do nothing and
tell whoever runs this console.

链接仅可使用一次，自生成起 24 小时内有效。如非您本人预期，请勿操作，并告知系统管理员。
"""
_GREETINGS: Final = {
    "reset": "Set a new password and a new second factor here.\n请在此设置新密码与第二因素。",
    "invitation": "You are invited to Pointsman. Make your account here.\n"
    "您受邀使用 Pointsman，请在此创建账号。",
}


def written(letter: Letter, token: str, *, sender: str, link_base: str, date: str) -> EmailMessage:
    """Return the mail; `date` is as RFC 5322 has it. Raises Problem for a name that is no address.

    User names may be addresses; what is none is not mailed.
    """
    kind = "reset" if letter.kind == "reset" else "invitation"
    mail = EmailMessage()
    try:
        mail["To"] = Address(addr_spec=letter.recipient)
        mail["From"] = sender
    except (ValueError, IndexError, MessageError):
        raise Problem(Code.VALIDATION_FAILED, "recipient: no address of mail") from None
    mail["Subject"] = _SUBJECTS[kind]
    mail["Date"] = date
    mail["Message-ID"] = f"<{letter.id.hex()}.{letter.tries}@{_host_of(link_base)}>"
    mail["Auto-Submitted"] = "auto-generated"
    link = f"{link_base.rstrip('/')}/welcome/{token}"
    mail.set_content(_TEXT.format(greeting=_GREETINGS[kind], link=link))
    return mail


def _host_of(link_base: str) -> str:
    return link_base.partition("://")[2].partition("/")[0].partition(":")[0] or "pointsman"
