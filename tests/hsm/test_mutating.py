"""The drawing of mutants: each is one change, in code alone."""

import ast

from tests.hsm.mutating import mutants

SOURCE = '''
"""A docstring with 1."""
from dataclasses import dataclass

@dataclass(frozen=True, slots=True)
class Word:
    size: int = 3

def short(word: "str", most: int) -> bool:
    assert most > 0
    if not word:
        raise ValueError("no word")
    return len(word) <= most
'''


def test_every_mutant_is_one_change_of_code_and_no_other() -> None:
    found = [draw() for draw in mutants(SOURCE)]
    changes = {(each.line, each.after) for each in found}
    assert (7, "4") in changes
    assert (7, "2") in changes
    assert (11, "word") in changes
    assert (12, "pass") in changes
    assert (13, "len(word) < most") in changes
    assert (13, "len(word) > most") in changes
    assert (13, "return None") in changes
    assert {each.line for each in found} == {7, 11, 12, 13}
    for each in found:
        ast.parse(each.source)
        assert each.source.count("frozen=True, slots=True") == 1
        assert each.source != ast.unparse(ast.parse(SOURCE)) + "\n"


def test_the_draw_is_the_same_each_time() -> None:
    one, two = ([draw() for draw in mutants(SOURCE)] for _ in range(2))
    assert one == two
