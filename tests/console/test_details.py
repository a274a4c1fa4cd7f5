"""Details of problems: each that the console can raise is told in Chinese, with its values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from pointsman.console import details
from pointsman.console.bodies import convert
from pointsman.console.details import TEXTS, said
from pointsman.console.problems import Problem, document
from pointsman.console.rights import Role
from pointsman.reports import period
from tests.console.browser import furnished, person

RAISING = {
    "Problem",
    "Fault",
    "invalid",
    "_invalid",
    "_wrong",
    "_NotJsonError",
    "AskedWronglyError",
}
TABLES = {"_WRONG", "_NO_OUTLET", "_OF_OUTLETS"}
CHINESE = re.compile("[\u4e00-\u9fff]")
NAME = re.compile(r"[a-z_]{2,20}|/[a-z_]*|/\{\}|[A-Z][A-Za-z]+-[A-Z][A-Za-z]+|")


def template(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(one.value) if isinstance(one, ast.Constant) else "{}" for one in parts
            )
        case _:
            return None


def raised() -> Iterator[tuple[str, str]]:
    """Give every text from which a detail is made, with the file where it stands."""
    files = [*Path(details.__file__).parent.glob("*.py"), Path(period.__file__)]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            texts: list[str | None] = []
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=given):
                    if name in RAISING:
                        texts = [template(one) for one in given]
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in TABLES:
                    texts = [template(one) for one in ast.walk(value) if isinstance(one, ast.expr)]
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    if name in TABLES:
                        every = (one for one in ast.walk(value) if isinstance(one, ast.expr))
                        texts = [template(one) for one in every]
                case ast.FunctionDef(name="why_not"):
                    returns = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
                    texts = [template(one.value) for one in returns if one.value]
                case _:
                    pass
            yield from ((file.name, text) for text in texts if text is not None)


def test_every_detail_that_can_be_raised_is_told_in_chinese() -> None:
    found = {(file, text) for file, text in raised() if not NAME.fullmatch(text)}
    lacking = []
    for file, text in sorted(found):
        filled = text.replace("{}", "7")
        if filled in {"7: 7", "fields: 7"}:  # parts that are told by themselves
            continue
        if not CHINESE.search(said(filled, chinese=True)):
            lacking.append((file, text))
    assert len(found) > 100
    assert lacking == []


def test_values_stand_where_they_belong_and_english_stays() -> None:
    assert said("300 of 1000 is left.", chinese=True) == "原金额 1000，尚可退 300。"
    assert said("300 of 1000 is left.", chinese=False) == "300 of 1000 is left."
    assert said("The terminal is active already.", chinese=True) == "该终端已是启用状态。"
    assert said("limit: a whole number from 1 to 500 expected", chinese=True) == (
        "limit: 应为 1 到 500 的整数"
    )
    assert said("never said", chinese=True) == "never said"
    assert said("", chinese=True) == ""


def test_every_text_of_the_catalogue_is_chinese_and_takes_its_values() -> None:
    for english, chinese in TEXTS.items():
        assert CHINESE.search(chinese) or english == "{} expected", english
        holes = english.count("{}")
        filled = chinese.format(*(f"<{n}>" for n in range(holes)))
        assert all(f"<{n}>" in filled for n in range(holes)), english


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2, max_length=4, pattern="^[a-z]+$")]
    amount: Annotated[int, Meta(ge=1, le=9)] = 1
    many: Annotated[list[str], Meta(min_length=1, max_length=2)] = msgspec.field(
        default_factory=lambda: ["x"]
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 5},
        {"name": "a"},
        {"name": "abcde"},
        {"name": "ABC"},
        {"name": "abc", "amount": 0},
        {"name": "abc", "amount": 10},
        {"name": "abc", "amount": None},
        {"name": "abc", "many": []},
        {"name": "abc", "many": ["a", "b", "c"]},
        {"name": "abc", "strange": 1},
    ],
)
def test_what_a_body_has_wrong_is_told_in_chinese_by_its_place(body: object) -> None:
    with pytest.raises(Problem) as caught:
        convert(body, Sample)
    told = document(caught.value, path="/", request_id="req_1", chinese=True)
    errors = told["errors"]
    assert isinstance(errors, list)
    assert CHINESE.search(str(told["detail"]))
    assert CHINESE.search(errors[0]["detail"])
    assert errors[0]["pointer"].startswith("/")


async def test_a_problem_is_told_in_the_language_that_was_asked_for(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    asked = {"accept-language": "zh-CN, en;q=0.5"}
    answer = await admin.ask("GET", "/v1/payments?limit=0", more=asked)
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.json["code"] == "validation_failed"
    assert answer.json["title"] == "部分内容不正确"
    assert answer.json["detail"] == "limit: 应为 1 到 500 的整数"
    assert answer.json["errors"][0]["detail"] == "应为 1 到 500 的整数"
    english = await admin.get("/v1/payments?limit=0")
    assert english.headers["content-language"] == "en"
    assert english.json["detail"] == "limit: a whole number from 1 to 500 expected"
    page = await admin.ask("GET", "/payments?limit=0", more=asked)
    assert "应为 1 到 500 的整数" in page.text
