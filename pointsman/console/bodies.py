"""Bodies of requests: JSON becomes one known value, or a problem that names each wrong place.

A core. Refused are NaN and infinities, members that stand twice, members that nobody knows (so
nothing is assigned that was not meant to be), texts that cannot be printed and nesting without end.
What may be said is in wants.py; the size of a body is bounded by frame.py.
"""

import ast
import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from pointsman.console.problems import Code, Fault, Problem

DEPTH_MAX: Final = 8
_DETAIL_SIZE_MAX: Final = 160
_EXPECTED: Final[Mapping[str, str]] = {
    "^[0-9A-Za-z]{15}$": "15 letters or digits are expected",
    "^[0-9A-Za-z]{8}$": "8 letters or digits are expected",
    "^[0-9]{4}$": "four digits are expected",
    "^[0-9]{6}$": "six digits are expected",
    "^[A-Z]{2}$": "two capital letters are expected",
    "^[A-Z]{3}$": "three capital letters are expected",
    r"\S": "text is expected",
    "^[A-Za-z0-9][A-Za-z0-9._@+-]{2,79}$": "3 to 80 letters, digits or . _ @ + - are expected",
}
"""Patterns of wants.py in words, for people who fill in forms."""

T = TypeVar("T", bound=msgspec.Struct)


class _NotJsonError(ValueError):
    """JSON that a strict reader does not take."""


def read(data: bytes, kind: type[T]) -> T:
    """Return the body as a value of `kind`; raises Problem."""
    try:
        tree = json.loads(data, object_pairs_hook=_object, parse_constant=_constant)
    except _NotJsonError as fault:
        raise Problem(Code.MALFORMED_JSON, str(fault)) from None
    except (ValueError, RecursionError):  # a fault of the syntax, or of UTF-8
        raise Problem(Code.MALFORMED_JSON, "an object in JSON (RFC 8259) is expected") from None
    if not isinstance(tree, dict):
        raise Problem(Code.MALFORMED_JSON, "an object in JSON (RFC 8259) is expected")
    _look(tree, "", 1)
    return convert(tree, kind)


def convert(tree: Any, kind: type[T]) -> T:  # noqa: ANN401  # as JSON or a form gives it
    """Return the tree as a value of `kind`; raises Problem with the place of what is wrong."""
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `")
        detail = _in_words(text)
        pointer = place.rstrip("`").removeprefix("$").replace(".", "/").replace("[", "/")
        pointer = pointer.replace("]", "")
        if "unknown field" in text or "missing required field" in text:
            pointer += "/" + text.split("`")[1][:40]
        detail = detail[:_DETAIL_SIZE_MAX]
        raise Problem(
            Code.VALIDATION_FAILED,
            f"{pointer or '/'}: {detail}",
            faults=(Fault(pointer or "/", "invalid", detail),),
        ) from None


def _in_words(text: str) -> str:
    if "Invalid enum" in text:
        return "one of the known values is expected"
    if "missing required field" in text:
        return "this is missing"
    _, found, pattern = text.partition("matching regex ")
    return _EXPECTED.get(ast.literal_eval(pattern), text) if found else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotJsonError("a member stands twice")
    return found


def _constant(_: str) -> NoReturn:
    raise _NotJsonError("NaN and infinities are no JSON")


def _look(value: object, pointer: str, depth: int) -> None:
    """See that no text is unprintable (control characters, halves of surrogates)."""
    if depth > DEPTH_MAX:
        raise Problem(Code.MALFORMED_JSON, f"at most {DEPTH_MAX} levels are read")
    match value:
        case str() if not value.isprintable():
            raise Problem(
                Code.VALIDATION_FAILED,
                f"{pointer}: printable text is expected",
                faults=(Fault(pointer, "invalid", "printable text is expected"),),
            )
        case dict():
            for name, inner in value.items():
                _look(name, pointer + "/", depth + 1)
                _look(inner, f"{pointer}/{name[:40]}", depth + 1)
        case list():
            for number, inner in enumerate(value):
                _look(inner, f"{pointer}/{number}", depth + 1)
        case _:
            pass
