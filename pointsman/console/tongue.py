"""Which language a request is answered in: what its reader chose, else what the client asks for.

The API goes by `Accept-Language` alone (RFC 9110, 12.5.4), pages by the reader's cookie first. The
words themselves are in words.py and details.py.
"""

from starlette.requests import Request

from pointsman.console.words import Words, language_of

COOKIE = "pointsman_language"
_CHINESE = "zh-CN"


def is_chinese(request: Request) -> bool:
    """Say whether a client of the API asks for Chinese."""
    return language_of("", _accepted(request)) == _CHINESE


def words_of(request: Request) -> Words:
    """Return the words of a page in its reader's language."""
    return Words(language_of(request.cookies.get(COOKIE, ""), _accepted(request)))


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "")
