"""Forms of pages become the same values as bodies of the API, checked by the same rules.

A core. A form's fields are text; which of them are numbers or lists is said where they are read.
What a value may be is in wants.py.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from pointsman.console import bodies, query

T = TypeVar("T", bound=msgspec.Struct)
FORM_OWN = frozenset({"csrf", "once", "act", "code", "simulated"})
"""Fields that belong to the form and not to what it asks."""
_SIZE_MAX = 1200


def value_of(form: Mapping[str, str], kind: type[T], **more: Any) -> T:  # noqa: ANN401  # as JSON
    """Return the form as a value of `kind`; `more` are members that are no plain text.

    Fields that nobody knows are refused, as members of a body are. Raises Problem.
    """
    tree: dict[str, Any] = {}
    for name, text in form.items():
        if name in FORM_OWN or name in more:
            continue
        plain = text.strip()
        if len(plain) > _SIZE_MAX or not plain.isprintable():
            raise query.invalid(f"/{name[:40]}", "printable text of sensible length expected")
        if plain:
            tree[name] = plain
    return bodies.convert(tree | more, kind)


def whole(form: Mapping[str, str], name: str, usual: int = 0) -> int:
    """Return a whole number of a form; raises Problem."""
    text = form.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004  # field 4
        raise query.invalid(f"/{name}", "a whole number expected")
    return int(text)


def minor_of(text: str, exponent: int) -> int | None:
    """Return an amount that a person typed (``1,234.50``) in minor units; None where it is none.

    A comma parts thousands and nothing else: ``1,00`` is no hundred.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    rest = found["rest"] or ""
    digits = found["whole"].replace(",", "") + rest.ljust(exponent, "0")
    if len(rest) > exponent or len(digits) > 12:  # noqa: PLR2004  # field 4
        return None
    return int(digits)


_AMOUNT = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<rest>[0-9]+))?")
