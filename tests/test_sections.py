"""Sections: every default is within its own bounds, and nothing is set twice."""

import msgspec

from pointsman.sections import Config, Workers


def test_the_defaults_are_settings_that_could_be_given() -> None:
    given = msgspec.to_builtins(Config())
    assert msgspec.convert(given, Config) == Config()


def test_workers_of_a_second_house_have_numbers_of_their_own() -> None:
    assert list(Workers(count=2, first=2).numbers) == [2, 3]
