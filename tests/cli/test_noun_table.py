"""The table of nouns: each is a list of the API, and is among the commands."""

from pointsman import cli
from pointsman.cli.noun_table import NOUNS
from pointsman.console.answers import SHAPES, members
from pointsman.console.routes import ROUTES


def test_each_noun_is_a_list_of_the_api_and_a_command_whose_columns_there_are() -> None:
    for name, noun in NOUNS.items():
        assert ("GET", noun.path) in ROUTES
        known = members(SHAPES["GET", noun.path])
        assert {column.partition(".")[0] for column in noun.columns} <= known, name
        assert cli.COMMANDS[name].noun == name
        assert bool(noun.shown) == bool(noun.id_is), name
