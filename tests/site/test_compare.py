"""Two versions of the site compared: each party is counted once, by what becomes of it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pointsman.site.compare import check_values, compare
from pointsman.store.parties import Merchant
from pointsman.store.site_rows import FixedKeys, StoredKey

MERCHANTS = st.builds(
    Merchant,
    mid=st.just("1"),
    name=st.sampled_from(["a", "b"]),
    mcc=st.sampled_from(["5411", "5812"]),
    city=st.just("Shanghai"),
    country=st.just("CN"),
    currency=st.just("156"),
    active=st.booleans(),
)
SITES = st.dictionaries(st.sampled_from("pqrstu"), MERCHANTS)


def gone(old: Merchant) -> Merchant:
    return replace(old, active=False)


@given(SITES, SITES)
def test_written_rows_make_the_stored_site_what_is_wanted(
    stored: dict[str, Merchant], wanted: dict[str, Merchant]
) -> None:
    found = compare(stored, wanted, gone)
    after = {**stored, **found.rows}
    assert {name: after[name] for name in wanted} == wanted
    assert not [name for name in after if name not in wanted and after[name].active]
    assert set(found.rows) <= set(stored) | set(wanted)
    assert len(found.details) == len(found.rows)
    counts = found.counts
    assert counts.added + counts.changed + counts.disabled == len(found.rows)
    assert counts.added == len(set(wanted) - set(stored))
    assert counts.added + counts.changed + counts.unchanged == len(wanted)
    assert not compare(after, wanted, gone).rows


def test_keys_are_compared_by_check_value_alone() -> None:
    first, second = StoredKey(b"x", "A1"), StoredKey(b"y", "A1")
    assert check_values(first) == check_values(second)
    assert check_values(FixedKeys(first, second)) == ("A1", "A1")
    assert check_values(None) == ()
