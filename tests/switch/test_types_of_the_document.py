"""The table of types against the dialects' own description, row by row and column by column.

`tests/data/transaction-types.toml` is written from the description, not from the code.
"""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from pointsman.store.records import Money
from pointsman.switch import nii, reading
from pointsman.switch.flows import FLOWS, WALLET_TYPES, Flow, Silence, find
from pointsman.switch.nii import Meant
from pointsman.switch.requests import Payment, Reversal

TYPES = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "transaction-types.toml").read_text()
)
AFTER: Final = {
    "reverses": Silence.REVERSE, "resends": Silence.REPEAT, "forgets": Silence.FORGET,
}  # fmt: skip
COUNTS: Final = {
    Money.DEBIT: "debit", Money.DEBIT_MINUS: "debit minus", Money.CREDIT: "credit",
    Money.REPLACES: "replaces", Money.NONE: "", Money.HOLD: "", Money.POINTS: "",
}  # fmt: skip
# Described elsewhere: a cash advance and a refund as a request are the international dialect's.
MORE: Final = {"cash", "refund-request"}

Row = dict[str, Any]  # as TOML gives it


def of_original(text: str) -> str:
    return "" if text == "of the original" else text


def flow_of(row: Row, condition: str) -> Flow:
    found = find(row["mti"], of_original(row["code"]), of_original(condition), row["sub"])
    assert found is not None, f"{row['name']} with 25 = {condition}"
    return found


@pytest.mark.parametrize("row", TYPES["type"], ids=lambda row: str(row["name"]))
def test_a_type_is_what_the_description_says(row: Row) -> None:
    for condition in row["conditions"]:
        flow = flow_of(row, condition)
        assert flow.name == row["flow"]
        assert flow.silence is AFTER[row["after"]]
        assert COUNTS[flow.money] == row["counts"]
        assert flow.told_first is row.get("advice", False)
        assert flow.follows is ("refers" in row)
        assert set(row.get("refers", ())) <= flow.refers
    flow = flow_of(row, row["conditions"][0])
    assert flow.conditions == {of_original(one) for one in row["conditions"]}
    assert (flow.mti, flow.type_code) == (row["mti"], row["sub"])


def test_there_is_no_type_that_nobody_described() -> None:
    described = {row["flow"] for row in TYPES["type"]} | MORE
    assert {flow.name for flow in FLOWS if flow.mti not in WALLET_TYPES} == described


MANAGED = [(row, code) for row in TYPES["management"] for code in row["network"]]


@pytest.mark.parametrize(("row", "code"), MANAGED, ids=lambda one: str(one)[:40])
def test_what_moves_no_money_is_known_by_its_code(row: Row, code: str) -> None:
    item = "01" + "00" + "000001" + "0" * 20 + "000000000100"
    sums = {"Settle": "0" * 62, "Upload": item, "BatchEnd": "0001"}
    fields = {11: "000001", 41: "12345678", 42: "898100053310001", 60: f"00000001{code}"}
    if row["means"] == "Upload" and code != "201":  # an original message, sent again
        fields |= {3: "000000", 4: "000000000100", 2: "4111111111111111"}
    elif row["means"] in sums:
        fields[48] = sums[row["means"]]
    assert type(reading.read(row["mti"], fields)).__name__ == row["means"]


ABROAD = [(row, code) for row in TYPES["nii"] for code in row["codes"]]


@pytest.mark.parametrize(("row", "code"), ABROAD, ids=lambda one: str(one)[:40])
def test_a_type_of_the_international_dialect_is_one_of_ours_with_any_account(
    row: Row, code: str
) -> None:
    fields = {
        2: "4111111111111111", 3: code, 4: "000000001000", 11: "000001", 14: "3012", 22: "012",
        41: "12345678", 42: "898100053310001",
    }  # fmt: skip
    if "condition" in row:
        fields[25] = row["condition"]
    found = nii.meant(row["mti"], fields, batch="000001", currency="156")
    assert isinstance(found, Meant)
    request = reading.read(found.mti, {37: "0" * 12, **found.fields})
    if row["flow"] == "reversal of the refund":
        assert isinstance(request, Reversal)
    else:
        assert isinstance(request, Payment)
        assert request.flow.name == row["flow"]
