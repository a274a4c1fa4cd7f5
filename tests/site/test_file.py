"""Site files: the shipped ones are read whole, a broken one tells everything with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.site.file import parse
from pointsman.site.keys import BlockKey, ClearKey, GeneratedKey
from pointsman.site.values import SiteFileError

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "pointsman/sim/demo_site.toml").read_text("utf-8")
EXAMPLE = (ROOT / "site.example.toml").read_text("utf-8")
TEST_TMK = "0123456789ABCDEFFEDCBA9876543210"

BROKEN = """\
laboratory = true
colour = "red"
zone = "Mars/Olympus"
cutoff = "24:00"

[acquirers.Alpha]
institution = "123456789012"
format = "ebcdic"
framing = "ascii4"
address = "127.0.0.1:99999"
zpk = "0123"
accepts = ["25", "25"]
pin_format = true
echo_s = "60"

[merchants.898100053310001]
name = " x"
mcc = "54"
city = "Shanghai"
country = "cn"
curency = "CNY"
routes = [
    { acquirer = "alpha", priority = 0 },
    { acquirer = "beta", schemes = ["CUP", "XXX"] },
    "gamma",
]

[merchants.898100053310001.terminals.1234567]
tmk = "0123456789ABCDEFFEDCBA987654321"
pik = "0123456789ABCDEFFEDCBA9876543210"
batch = "000000"

[merchants.short]
"""

FAULTS = [
    (2, "colour", "no such key"),
    (3, "zone", "an IANA time zone"),
    (4, "cutoff", "a time of day"),
    (6, "acquirers.Alpha", "a name of a-z"),
    (7, "acquirers.Alpha.institution", "1 to 11 digits"),
    (8, "acquirers.Alpha.format", "one of ascii87-hexbitmap"),
    (10, "acquirers.Alpha.address", "host:port"),
    (11, "acquirers.Alpha.zpk", "a key block or 32 or 48 hex digits"),
    (12, "acquirers.Alpha.accepts", "each once"),
    (13, "acquirers.Alpha.pin_format", "a whole number from 0 to 4"),
    (14, "acquirers.Alpha.echo_s", "a number of seconds"),
    (16, "merchants.898100053310001", "key currency is missing"),
    (17, "merchants.898100053310001.name", "outer blanks"),
    (18, "merchants.898100053310001.mcc", "4 digits"),
    (20, "merchants.898100053310001.country", "a country of ISO 3166"),
    (21, "merchants.898100053310001.curency", "did you mean currency?"),
    (23, "merchants.898100053310001.routes[0].priority", "from 1 to 999"),
    (24, "merchants.898100053310001.routes[1].schemes", "a list of"),
    (25, "merchants.898100053310001.routes[2]", "a table is expected"),
    (28, "merchants.898100053310001.terminals.1234567", "8 letters or digits"),
    (29, "merchants.898100053310001.terminals.1234567.tmk", "or 48 hex digits or"),
    (31, "merchants.898100053310001.terminals.1234567.batch", "6 digits, not all zero"),
    (33, "merchants.short", "15 letters or digits"),
    (33, "merchants.short", "key city is missing"),
    (33, "merchants.short", "key country is missing"),
    (33, "merchants.short", "key currency is missing"),
    (33, "merchants.short", "key mcc is missing"),
    (33, "merchants.short", "key name is missing"),
    (33, "merchants.short", "key routes is missing"),
]


def faults_of(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(SiteFileError) as caught:
        parse(text)
    return [(fault.line, fault.path, fault.reason) for fault in caught.value.faults]


def test_every_fault_of_a_broken_file_is_told_at_once_with_its_line() -> None:
    found = faults_of(BROKEN)
    assert [fault[:2] for fault in found] == [fault[:2] for fault in FAULTS]
    for (_, _, reason), (_, _, part) in zip(found, FAULTS, strict=True):
        assert part in reason


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\n[x]\n[x]\n", 3), ('a = 1\n\nb = "unfinished', 3)],
)
def test_text_that_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    assert [(fault[0], fault[1]) for fault in faults_of(text)] == [(line, "TOML")]


def test_demo_site_has_two_acquirers_three_merchants_and_six_terminals() -> None:
    site = parse(DEMO)
    assert {name: (a.acquirer.format, a.acquirer.port) for name, a in site.acquirers.items()} == {
        "alpha": ("ascii87-hexbitmap", 9101),
        "beta": ("ascii87-binbitmap", 9102),
    }
    assert site.acquirers["beta"].acquirer.accepts == frozenset({"25"})
    assert len(site.merchants) == 3
    assert len(site.terminals) == 6
    assert ("898100053310001", "12345678") in site.terminals
    assert {merchant.currency for merchant in site.merchants.values()} == {"156"}
    assert all(terminal.tmk == ClearKey(TEST_TMK) for terminal in site.terminals.values())


def test_example_shows_fixed_keys_and_a_generated_one() -> None:
    site = parse(EXAMPLE)
    first = site.terminals["898100053310001", "12345678"]
    assert first.pik is not None
    assert first.mak is not None
    assert first.batch == "000012"
    assert site.terminals["898100053310001", "12345679"].tmk == GeneratedKey()


def test_clear_keys_are_refused_outside_the_laboratory_each_with_its_line() -> None:
    found = faults_of(EXAMPLE.replace("laboratory = true ", "laboratory = false "))
    assert [fault[1].rpartition(".")[2] for fault in found] == [
        "zpk",
        "zak",
        "zpk",
        "zak",
        "tmk",
        "pik",
        "mak",
    ]
    assert all("laboratory = true" in fault[2] for fault in found)
    lines = EXAMPLE.splitlines()
    for line, path, _ in found:
        assert lines[line - 1].startswith(path.rpartition(".")[2])


def test_key_block_is_taken_outside_the_laboratory() -> None:
    block = "D0112P0TE00N0000" + "A" * 96
    text = DEMO.replace("laboratory = true", "").replace(TEST_TMK, block)
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("zpk", "zak")))
    terminals = parse(text).terminals.values()
    assert all(terminal.tmk == BlockKey(block.encode()) for terminal in terminals)


def test_clear_key_is_in_no_text_of_the_values_or_of_the_faults() -> None:
    site = parse(EXAMPLE)
    keys = [line.split('"')[1] for line in EXAMPLE.splitlines() if line[:3] in ("zpk", "zak")]
    keys += [TEST_TMK, "526B76025B1A076DCEC16D51E932B507", "40026EB9BF15941A"]
    for place in ("city", "mcc", "institution", "name"):
        moved = EXAMPLE.replace(f"{place} = ", f"{place} = 1 #")
        with pytest.raises(SiteFileError) as caught:
            parse(moved + f'\n[acquirers.gamma]\nzpk = "{TEST_TMK}F"\nformat = "{TEST_TMK}"\n')
        assert not [key for key in keys if key in f"{caught.value}{caught.value!r}{site}{site!r}"]


def test_route_to_nowhere_and_second_route_to_one_acquirer_are_refused() -> None:
    text = EXAMPLE.replace(
        '{ acquirer = "beta", priority = 2 }',
        '{ acquirer = "alpha", priority = 2 }, { acquirer = "gamma" }',
    )
    assert [fault[1:] for fault in faults_of(text)] == [
        ("merchants.898100053310001.routes[1]", "a second route to alpha"),
        ("merchants.898100053310001.routes[2].acquirer", "no such acquirer in this file"),
    ]


def test_active_merchant_needs_a_route_and_an_inactive_one_does_not() -> None:
    text = DEMO.replace('routes = [{ acquirer = "beta" }]', "routes = []")
    assert [fault[2] for fault in faults_of(text)] == ["an active merchant needs a route"]
    inactive = parse(text.replace('name = "Northern', 'active = false\nname = "Northern'))
    assert not inactive.merchants["898100053310002"].active


def test_working_keys_come_in_pairs() -> None:
    text = EXAMPLE.replace('mak = "40026EB9BF15941A"', "")
    assert [fault[2] for fault in faults_of(text)] == [
        "pik and mak are given together or not at all"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a = " + "[" * 5000 + "]" * 5000, "deeply"), ("a = " + "1" * 5000, "too long")],
)
def test_text_that_the_parser_itself_cannot_take_is_a_fault(text: str, reason: str) -> None:
    assert reason in faults_of(text)[0][2]


_MARKS = ["[", "]", "{", "}", '"', "'", '"""', "=", ",", ".", "#", "\n", "\r\n", "\\u0041", "\0"]
_VALUES = ["= 1", "= []", "= {}", "= 1979-05-27", "= nan", "a", "é", "tmk", "merchants = 1\n"]
_TABLES = [
    "[[merchants]]",
    "[merchants]\nx = 1\n",
    "[acquirers.alpha]",
    "[merchants.a.terminals]\n",
]
_PIECES = st.sampled_from([*_MARKS, *_VALUES, *_TABLES])


def lines_of_faults(text: str) -> list[int] | None:
    """Return the lines of all faults, None for a file without any."""
    try:
        parse(text)
    except SiteFileError as error:
        return [fault.line for fault in error.faults]
    return None


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_any_text_is_a_site_or_a_list_of_faults(text: str) -> None:
    assert lines_of_faults(text) != []


@given(st.integers(0, len(EXAMPLE)), st.integers(0, 40), st.lists(_PIECES, max_size=3))
def test_example_with_any_damage_is_a_site_or_a_list_of_faults_within_it(
    place: int, gone: int, put: list[str]
) -> None:
    text = EXAMPLE[:place] + "".join(put) + EXAMPLE[place + gone :]
    lines = lines_of_faults(text)
    assert lines != []
    assert not [line for line in lines or () if not 1 <= line <= text.count("\n") + 1]


def test_file_that_is_too_long_is_refused_unread() -> None:
    assert faults_of(" " * (16 * 1024 * 1024 + 1))[0][2].startswith("longer than")


@pytest.mark.parametrize("laboratory", [True, False])
def test_a_dialect_without_mac_is_for_the_laboratory(laboratory: bool) -> None:
    text = f"""
laboratory = {str(laboratory).lower()}
[acquirers.alpha]
institution = "48021000"
format = "ascii87-hexbitmap"
framing = "ascii4"
address = "127.0.0.1:9101"
[merchants.898100053310001]
name = "Tea"
mcc = "5812"
city = "Shanghai"
country = "CN"
currency = "CNY"
routes = [{{ acquirer = "alpha" }}]
[merchants.898100053310001.terminals.12345678]
format = "nii-bcd"
framing = "tpdu"
"""
    if laboratory:
        ((_, terminal),) = parse(text).terminals.items()
        assert terminal.format == "nii-bcd"
        return
    with pytest.raises(SiteFileError) as caught:
        parse(text)
    (fault,) = caught.value.faults
    assert fault.path.endswith("terminals.12345678.format")
    assert "laboratory" in fault.reason
