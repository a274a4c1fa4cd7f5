"""The words of the pages in both languages: English is the key, words*.zh-CN.toml have the Chinese.

A text that is not here cannot be shown: `Words` raises, and a test asks for every text of every
template. Titles of problems are in problems.py; codes and names of parties have no language.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from pointsman.console.details import said

LANGUAGES = ("en", "zh-CN")

ZH: Mapping[str, str] = {
    text: chinese
    for file in sorted(files("pointsman.console").iterdir(), key=lambda one: one.name)
    if file.name.startswith("words.") and file.name.endswith("zh-CN.toml")
    for text, chinese in tomllib.loads(file.read_text("utf-8")).items()
}


class Words:
    """Texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._chinese = language == "zh-CN"

    def __call__(self, text: str) -> str:
        """Return the text; raises KeyError for one that the catalogue lacks."""
        chinese = ZH[text]
        return chinese if self._chinese else _ENGLISH.get(text, text)

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """Return the text with its values in it; those that have words are said in words."""
        said = {n: self.code(v) if n in _IN_WORDS else v for n, v in values.items()}
        return self(text).format(**said)

    def detail(self, text: str) -> str:
        """Return what is wrong with a request, as problems say it (details.py)."""
        return said(text, chinese=self._chinese)

    def code(self, text: str) -> str:
        """Return a code of the journal in words where there are some, else the code itself."""
        return self(text) if text in ZH else text


_IN_WORDS = frozenset({"kind", "method", "what"})
_ENGLISH: Mapping[str, str] = {
    "link answering": "answering",
    "link silent": "silent",
    "link not_signed_on": "not signed on",
    "link cut_off": "cut off",
    "needs approvals": "Decisions wait",
    "needs approvals why": "Another person asked; you decide.",
    "needs applications": "Merchants want to join",
    "needs applications why": "They wait for a review.",
    "needs terminals_offline": "Terminals are offline",
    "needs terminals_offline why": "No message for more than 15 minutes.",
    "needs parked": "Refused by an acquirer",
    "needs parked why": "Recovery cannot go on by itself: a person decides.",
    "needs owed": "Owed to acquirers",
    "needs owed why": "Sent again until each is confirmed.",
    "needs differences": "Totals that do not agree",
    "needs differences why": "A terminal's totals differ from the journal.",
    "needs link_cut_off": "A link is cut off",
    "needs link_cut_off why": "Sales go another way or are refused; what is owed waits.",
    "needs link_not_signed_on": "A link is not signed on",
    "needs link_not_signed_on why": "It is connected; the acquirer has not taken the sign-on.",
    "needs link_silent": "A link is silent",
    "needs link_silent why": "No message for more than two echo intervals.",
    "right transactions": "Transactions",
    "right refunds": "Refunds",
    "right merchants": "Merchants and outlets",
    "right terminals": "Terminals",
    "right links": "Acquirers and links",
    "right keys": "Keys",
    "right settlement": "Settlement",
    "right reconciliation": "Reconciliation",
    "right disputes": "Disputes",
    "right ledger": "Ledger",
    "right reports": "Reports",
    "right users": "Users and roles",
    "right audit": "Audit trail",
    "right settings": "Settings",
    "mail kept": "not mailed",
    "mail due": "is sent again",
    "mail sent": "sent",
    "mail failed": "could not be sent",
    "verb view": "view",
    "verb manage": "manage",
    "verb authorise": "authorise",
    "verb activate": "activate",
    "run waiting": "Waiting",
    "run running": "Being made",
    "run done": "Done",
    "run failed": "Failed",
    "run expired": "Link expired",
    "period today": "Today",
    "period yesterday": "Yesterday",
    "period 7d": "Last seven days",
    "period 30d": "Last thirty days",
    "period month": "This month",
    "period last_month": "Last month",
    "by weekday-hour": "by weekday and hour",
    "by method-brand": "by method and brand",
    "by acquirer-hour": "by acquirer and hour",
    "by acquirer-brand": "by acquirer and brand",
    "by acquirer-method": "by acquirer and method",
    "api_key": "API key",
    "balanced": "Balanced",
    "unbalanced-explained": "Unequal, explained",
    "unbalanced-open": "Unequal, open",
    "sale": "Sale",
    "void": "Void",
    "refund": "Refund",
    "reversal": "Reversal",
    "preauth": "Pre-authorisation",
    "completion": "Completion",
    "balance": "Balance",
    "tip": "Tip",
    "approved": "Approved",
    "declined": "Declined",
    "unknown": "Unknown outcome",
    "failed": "Failed",
    "refused": "Refused",
    "in_progress": "In progress",
    "reversed": "Reversed",
    "reversing": "Reversing",
    "voided": "Voided",
    "refunded": "Refunded",
    "part_refunded": "Part refunded",
    "active": "Active",
    "suspended": "Suspended",
    "locked": "Locked",
    "closed": "Closed",
    "open": "Open",
    "closing": "Closing",
    "online": "Online",
    "idle": "Idle",
    "offline": "Offline",
    "inventory": "Not activated",
    "done": "Done",
    "waiting_approval": "Waits for approval",
    "pending": "Pending",
    "rejected": "Rejected",
    "submitted": "Submitted",
    "grant": "Role",
    "parked": "Parked",
    "due": "Due",
    "sent": "Sent",
    "waiting": "Waiting",
    "retry": "Send again",
    "not-done": "It was not done",
    "platform_admin": "Platform administrator",
    "operator": "Operator",
    "risk": "Risk and audit",
    "merchant_owner": "Merchant owner",
    "merchant_staff": "Merchant staff",
    "merchant_viewer": "Merchant viewer",
}


def language_of(cookie: str, accepted: str) -> str:
    """Return the language of an answer: what was chosen, else what is accepted with most weight."""
    if cookie in LANGUAGES:
        return cookie
    best, found = 0.0, "en"
    for one in accepted.lower().split(",")[:_ACCEPTED_MAX]:
        name, _, parameters = one.partition(";")
        weight = _WEIGHT.fullmatch(parameters.strip())
        worth = float(weight[1]) if weight else 1.0
        primary = name.strip().partition("-")[0]
        if worth > best and primary in _PRIMARY:
            best, found = worth, _PRIMARY[primary]
    return found


_ACCEPTED_MAX = 20
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")  # RFC 9110, 12.4.2
_PRIMARY: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
