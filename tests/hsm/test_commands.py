"""Requests and answers as values: all shown under one name, all frozen, none with two meanings."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import get_args

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm import issuercommands, keycommands, macmethod

ALL = (*get_args(c.Request), *get_args(c.Answer))


def test_every_request_and_answer_has_a_name_of_its_own() -> None:
    names = [kind.__name__ for kind in ALL]
    assert len(set(names)) == len(names)
    assert set(names) <= set(c.__all__)


@pytest.mark.parametrize("kind", ALL)
def test_values_are_frozen(kind: type) -> None:
    if issubclass(kind, c.Part):
        assert kind.__struct_config__.frozen
        return
    assert is_dataclass(kind)
    value = object.__new__(kind)
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field.name, None)


def test_parts_are_shown_here_too() -> None:
    for module in (keycommands, issuercommands, macmethod):
        own = [
            kind
            for kind in vars(module).values()
            if getattr(kind, "__module__", "") == module.__name__
        ]
        assert own
        for kind in own:
            assert getattr(c, kind.__name__) is kind


def test_methods_have_one_text_each() -> None:
    assert len({method.value for method in c.MacMethod}) == len(c.MacMethod)
    assert isinstance(c.HsmUnavailable("text"), Exception)
