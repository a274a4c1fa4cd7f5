"""The words of a business day are those of the schema, and the store has every verb of it."""

import inspect
import re
from importlib.resources import files

import pytest

from pointsman.store.day import Days, DayState, OpenReason, PostingKind, Upkeep, Watch
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.upkeep_sql import UpkeepSql

SCHEMA = "".join(
    entry.read_text("utf-8")
    for entry in sorted(files("pointsman.store").joinpath("schema").iterdir(), key=str)
    if entry.name.endswith(".sql")
)


def words(member_of: type[DayState | OpenReason | PostingKind]) -> set[str]:
    return {member.value for member in member_of}


@pytest.mark.parametrize(
    ("protocol", "store"), [(Days, DaysSql), (Watch, DaysSql), (Upkeep, UpkeepSql)]
)
def test_store_has_every_verb_with_the_same_parameters(
    protocol: type[Days | Watch | Upkeep], store: type[DaysSql | UpkeepSql]
) -> None:
    for name, verb in inspect.getmembers(protocol, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(store, name))
            assert ours.parameters.keys() == inspect.signature(verb).parameters.keys(), name


def test_states_of_a_day_are_those_that_are_written() -> None:
    written = re.findall(r"update business_days set state = '([a-z]+)'", SCHEMA)
    written += re.findall(r"insert into business_days [^;]*'([a-z]+)'\)", SCHEMA)
    assert set(written) == words(DayState)


def test_reasons_that_closing_writes_are_known() -> None:
    closing = SCHEMA.rpartition("function close_day(")[2].partition("end $$;")[0]
    written = set(re.findall(r"(?:then|else) '([^']+)'", closing))
    assert written - {"posted"} == words(OpenReason)


def test_kinds_of_postings_are_those_that_are_written() -> None:
    assert set(re.findall(r"'(payment|undo)'", SCHEMA)) == words(PostingKind)
