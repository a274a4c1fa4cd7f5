"""Plans: what changes is named and counted, the token seals it, and a second import is empty."""

from dataclasses import replace
from pathlib import Path as FilePath

from pointsman.site.compare import Counts
from pointsman.site.file import parse
from pointsman.site.lines import Path
from pointsman.site.plan import Plan, key_needs, make_plan, with_generated
from pointsman.site.values import SiteFile
from pointsman.store.parties import Route
from pointsman.store.site_rows import (
    OwnParties,
    SiteChange,
    StoredKey,
    StoredSite,
    TerminalRow,
)

ROOT = FilePath(__file__).parents[2]
EXAMPLE = (ROOT / "site.example.toml").read_text("utf-8")
SITE = parse(EXAMPLE)
MID = "898100053310001"


def made_for(site: SiteFile, salt: str = "") -> dict[Path, StoredKey]:
    """Blocks that differ each time, with check values that tell the keys apart."""
    return {
        need.path: StoredKey(f"{salt}{number}".encode(), f"{need.purpose}".ljust(6, "0"))
        for number, need in enumerate(key_needs(site))
    }


def plan_of(site: SiteFile, stored: StoredSite, salt: str = "", digest: bytes = b"f") -> Plan:
    return make_plan(site, made_for(site, salt), stored, digest)


def applied(stored: StoredSite, change: SiteChange) -> StoredSite:
    """Do what a store does with a change, in the simplest way."""
    terminals = dict(stored.terminals)
    for row in change.terminals:
        old = terminals.get((row.mid, row.tid))
        kept = row if old is None else replace(row, tmk=row.tmk or old.tmk)
        terminals[row.mid, row.tid] = replace(
            kept, fixed=row.fixed or (old.fixed if old else None), batch=None
        )
    acquirers = {row.acquirer.name: row for row in change.acquirers}
    return StoredSite(
        version=stored.version + 1,
        zone=change.zone,
        cutoff=change.cutoff,
        merchants={**stored.merchants, **{row.mid: row for row in change.merchants}},
        terminals=terminals,
        acquirers={**stored.acquirers, **acquirers},
        routes={**stored.routes, **change.routes},
    )


def imported(site: SiteFile, stored: StoredSite) -> StoredSite:
    plan = plan_of(site, stored)
    generated = {name: StoredKey(b"new", "NEW000") for name in plan.generate}
    return applied(stored, with_generated(plan, generated))


STORED = imported(SITE, StoredSite())


def test_first_import_adds_everything() -> None:
    plan = plan_of(SITE, StoredSite())
    assert plan.counts == {
        "acquirers": Counts(added=2),
        "merchants": Counts(added=1),
        "routes": Counts(added=1),
        "terminals": Counts(added=2),
    }
    assert plan.generate == ((MID, "12345679"),)
    assert {row.tid: row.batch for row in plan.change.terminals} == {
        "12345678": "000012",
        "12345679": None,
    }


def test_second_import_of_the_same_file_is_empty_though_blocks_differ() -> None:
    plan = plan_of(SITE, STORED, salt="other")
    assert plan.empty
    assert plan.change == SiteChange(SITE.zone, SITE.cutoff)
    assert plan.generate == ()
    assert plan.counts["terminals"] == Counts(unchanged=2)


def test_generated_key_is_made_once_and_kept() -> None:
    key = STORED.terminals[MID, "12345679"].tmk
    assert key == StoredKey(b"new", "NEW000")
    again = imported(parse(EXAMPLE.replace('"Harbour Tea House"', '"Other"')), STORED)
    assert again.terminals[MID, "12345679"].tmk == key


def test_changed_parts_are_named_and_their_values_are_not() -> None:
    text = EXAMPLE.replace("127.0.0.1:9102", "10.0.0.1:9102").replace('"5812"', '"5813"')
    plan = plan_of(parse(text), STORED)
    assert plan.details == (
        "acquirers: changed beta (host)",
        f"merchants: changed {MID} (mcc)",
    )
    assert [row.acquirer.name for row in plan.change.acquirers] == ["beta"]


def test_changed_key_is_seen_by_its_check_value_and_only_then_written() -> None:
    made = made_for(SITE)
    path: Path = ("merchants", MID, "terminals", "12345678", "tmk")
    other = {**made, path: StoredKey(b"other", "OTHER0")}
    plan = make_plan(SITE, other, STORED, b"f")
    assert plan.details == (f"terminals: changed {MID}/12345678 (tmk)",)
    (row,) = plan.change.terminals
    assert (row.tmk, row.fixed, row.batch) == (StoredKey(b"other", "OTHER0"), None, None)


def test_acquirer_key_that_the_file_leaves_out_stays_as_stored() -> None:
    text = "\n".join(line for line in EXAMPLE.splitlines() if not line.startswith("zpk"))
    assert plan_of(parse(text), STORED).empty


def test_party_that_is_gone_is_disabled_once_and_comes_back_by_name() -> None:
    text = EXAMPLE.partition("[merchants.898100053310001.terminals.12345679]")[0]
    without = parse(text)
    plan = plan_of(without, STORED)
    assert plan.counts["terminals"] == Counts(disabled=1, unchanged=1)
    (row,) = plan.change.terminals
    assert row == replace(
        STORED.terminals[MID, "12345679"], active=False, tmk=None, fixed=None, batch=None
    )
    disabled = applied(STORED, plan.change)
    assert plan_of(without, disabled).empty
    back = plan_of(SITE, disabled)
    assert back.details == (f"terminals: changed {MID}/12345679 (active)",)


def test_disabled_merchant_takes_its_routes_and_terminals_with_it() -> None:
    other = parse(EXAMPLE.replace(MID, "898100053310009"))
    change = plan_of(other, STORED).change
    assert {row.mid: row.active for row in change.merchants} == {
        "898100053310009": True,
        MID: False,
    }
    assert change.routes[MID] == ()
    assert {(row.mid, row.active) for row in change.terminals} == {
        ("898100053310009", True),
        (MID, False),
    }


def test_order_of_routes_is_no_change() -> None:
    routes = {MID: tuple(reversed(STORED.routes[MID]))}
    assert plan_of(SITE, replace(STORED, routes=routes)).empty
    fewer = {MID: (Route(MID, "alpha", 1),)}
    assert plan_of(SITE, replace(STORED, routes=fewer)).counts["routes"] == Counts(changed=1)


def test_cutoff_is_part_of_the_plan() -> None:
    other = parse('cutoff = "22:00"\n' + EXAMPLE)
    assert plan_of(other, STORED).details == ("day: changed (zone, cutoff)",)


def test_token_is_the_same_for_the_same_plan_and_differs_for_any_other() -> None:
    token = plan_of(SITE, STORED).token
    assert plan_of(SITE, STORED, salt="other blocks").token == token
    assert plan_of(SITE, STORED, digest=b"other file").token != token
    assert plan_of(SITE, replace(STORED, version=STORED.version + 1)).token != token
    made = {**made_for(SITE), ("acquirers", "alpha", "zpk"): StoredKey(b"", "OTHER0")}
    assert make_plan(SITE, made, STORED, b"f").token != token


def test_key_needs_name_use_method_and_owner_of_every_key_but_generated_ones() -> None:
    needs = {
        ".".join(map(str, need.path)): (need.purpose, need.method, need.owner)
        for need in key_needs(SITE)
    }
    base = f"merchants.{MID}.terminals.12345678"
    assert needs == {
        "acquirers.alpha.zpk": ("ZPK", "x9.19", "alpha"),
        "acquirers.alpha.zak": ("ZAK", "x9.19", "alpha"),
        "acquirers.beta.zpk": ("ZPK", "x9.19", "beta"),
        "acquirers.beta.zak": ("ZAK", "x9.19", "beta"),
        f"{base}.tmk": ("TMK", "cup-ecb", f"{MID}/12345678"),
        f"{base}.pik": ("PIK", "cup-ecb", f"{MID}/12345678"),
        f"{base}.mak": ("MAK", "cup-ecb", f"{MID}/12345678"),
    }


def test_terminal_row_that_was_never_signed_in_has_no_fixed_keys() -> None:
    row = STORED.terminals[MID, "12345679"]
    assert isinstance(row, TerminalRow)
    assert row.fixed is None


def test_what_the_back_office_made_stays_unless_it_is_to_be_removed() -> None:
    made = replace(STORED.merchants[MID], mid="898100053317777")
    stored = replace(
        STORED,
        merchants={**STORED.merchants, made.mid: made},
        routes={**STORED.routes, made.mid: (Route(made.mid, "alpha", 1),)},
        own=OwnParties(frozenset({made.mid})),
    )
    plan = plan_of(SITE, stored)
    assert plan.empty
    assert plan.counts["merchants"] == Counts(unchanged=1, kept=1)
    removing = make_plan(SITE, made_for(SITE), stored, b"f", remove=True)
    assert removing.counts["merchants"] == Counts(unchanged=1, disabled=1)
    assert [row.active for row in removing.change.merchants] == [False]
    assert removing.change.routes == {made.mid: ()}
    assert removing.token != plan.token


def test_what_a_file_names_is_the_files_from_then_on() -> None:
    stored = replace(STORED, own=OwnParties(frozenset({MID}), frozenset({(MID, "12345678")})))
    plan = plan_of(SITE, stored)
    assert plan.details == (
        f"merchants: taken over {MID}",
        f"terminals: taken over {MID}/12345678",
    )
    assert plan.change.named == stored.own
