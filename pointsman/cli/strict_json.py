"""JSON that a person or a program gives to a command: read as RFC 8259 means it, or refused.

A core over the standard reader, which takes the last of two members of one name and knows NaN. What
stands in it is looked at by who asked; bodies of requests are read in console/bodies.py.
"""

import json
from typing import Any, NoReturn


def load(text: str | bytes) -> Any:  # noqa: ANN401  # as JSON gives it
    """Return what the text says; raises ValueError, which names a member that stands twice."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno}") from None
    except RecursionError:
        raise ValueError("not JSON: nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"member {name!r} stands twice")
        found[name] = value
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
