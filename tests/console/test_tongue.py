"""The language of an answer: a page's reader chose one, the API's client asks for one."""

from starlette.requests import Request

from pointsman.console.tongue import is_chinese, words_of


def asked(accepted: str, cookie: str = "") -> Request:
    headers = [(b"accept-language", accepted.encode())]
    if cookie:
        headers.append((b"cookie", f"pointsman_language={cookie}".encode()))
    return Request({"type": "http", "headers": headers})


def test_the_api_goes_by_what_its_client_accepts_alone() -> None:
    assert is_chinese(asked("zh"))
    assert is_chinese(asked("de, zh-Hans-CN;q=0.8, en;q=0.5"))
    assert not is_chinese(asked("zh;q=0.1, en;q=0.9"))
    assert not is_chinese(asked("en", cookie="zh-CN"))
    assert not is_chinese(asked(""))


def test_a_page_goes_by_what_its_reader_chose() -> None:
    assert words_of(asked("en", cookie="zh-CN")).language == "zh-CN"
    assert words_of(asked("zh", cookie="en")).language == "en"
    assert words_of(asked("zh-TW")).language == "zh-CN"
