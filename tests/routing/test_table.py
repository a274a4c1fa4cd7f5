"""The acquirer for a payment: the order of refusals, priorities, links that are down."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.bins import CardRange
from pointsman.routing.table import Choice, NoRoute, choose, follow
from pointsman.store.parties import Acquirer, Directory, Merchant, Route

MID = "898100053310001"
VISA = CardRange("4", "VIS", domestic=False, luhn=True)
UNIONPAY = CardRange("62", "CUP", domestic=True, luhn=True)
MAESTRO = CardRange("6759", "MAE", domestic=False, luhn=True)


def merchant(*, active: bool = True) -> Merchant:
    return Merchant(MID, "Test", "5411", "Shanghai", "CN", "156", active)


def acquirer(name: str, *, active: bool = True) -> Acquirer:
    return Acquirer(
        name, "1", "ascii87-hexbitmap", "ascii4", "127.0.0.1", 1, active, None, None, "x9.19"
    )


SITE = Directory(
    version=1,
    merchants={MID: merchant()},
    acquirers={"alpha": acquirer("alpha"), "beta": acquirer("beta")},
    routes={
        MID: (
            Route(MID, "beta", 2),
            Route(MID, "alpha", 1, frozenset({"CUP"})),
        )
    },
)


def up(_name: str) -> bool:
    return True


def down(_name: str) -> bool:
    return False


def code_of(result: Choice | NoRoute) -> str:
    assert isinstance(result, NoRoute), result
    return result.code


def name_of(result: Choice | NoRoute) -> str:
    assert isinstance(result, Choice), result
    return result.acquirer


def test_lowest_priority_that_takes_the_scheme_wins_and_says_so() -> None:
    assert choose(SITE, MID, UNIONPAY, "chip", "sale", usable=up) == Choice(
        "alpha", "CUP at priority 1"
    )
    assert choose(SITE, MID, VISA, "chip", "sale", usable=up) == Choice("beta", "VIS at priority 2")


def test_next_route_takes_it_when_the_first_is_down() -> None:
    result = choose(SITE, MID, UNIONPAY, "chip", "sale", usable=lambda name: name != "alpha")
    assert result == Choice("beta", "CUP at priority 2, alpha down")


def test_all_routes_down_is_91() -> None:
    assert code_of(choose(SITE, MID, UNIONPAY, "chip", "sale", usable=down)) == "91"


@pytest.mark.parametrize(
    "site",
    [
        replace(SITE, merchants={}),
        replace(SITE, merchants={MID: merchant(active=False)}),
        replace(SITE, routes={}),
        replace(SITE, routes={MID: ()}),
    ],
)
def test_merchant_that_cannot_sell_is_03_before_anything_else(site: Directory) -> None:
    assert code_of(choose(site, MID, None, "chip", "sale", usable=down)) == "03"


def test_card_of_no_issuer_is_15_before_health() -> None:
    assert code_of(choose(SITE, MID, None, "chip", "sale", usable=down)) == "15"


def test_scheme_without_contract_is_57() -> None:
    site = replace(SITE, routes={MID: (Route(MID, "alpha", 1, frozenset({"CUP"})),)})
    assert code_of(choose(site, MID, VISA, "chip", "sale", usable=down)) == "57"


def test_house_rule_is_asked_before_contracts() -> None:
    assert code_of(choose(SITE, MID, MAESTRO, "manual", "sale", usable=up)) == "57"
    assert name_of(choose(SITE, MID, MAESTRO, "chip", "sale", usable=up)) == "beta"


@pytest.mark.parametrize("acquirers", [{}, {"alpha": acquirer("alpha", active=False)}])
def test_contract_with_an_acquirer_that_is_not_active_is_58(
    acquirers: Mapping[str, Acquirer],
) -> None:
    site = replace(SITE, acquirers=acquirers)
    assert code_of(choose(site, MID, UNIONPAY, "chip", "sale", usable=up)) == "58"


def test_what_has_happened_goes_somewhere_whatever_became_of_the_parties() -> None:
    site = replace(
        SITE,
        merchants={MID: merchant(active=False)},
        acquirers={name: acquirer(name, active=False) for name in ("alpha", "beta")},
    )
    told = choose(site, MID, UNIONPAY, "chip", "sale", usable=up, happened=True)
    assert name_of(told) == "alpha"
    keyed = choose(SITE, MID, MAESTRO, "manual", "sale", usable=up, happened=True)
    assert name_of(keyed) == "beta"
    assert code_of(choose(SITE, MID, None, "chip", "sale", usable=up, happened=True)) == "15"
    nobody = replace(site, acquirers={})
    assert code_of(choose(nobody, MID, VISA, "chip", "sale", usable=up, happened=True)) == "58"


def test_link_of_a_route_that_does_not_fit_is_never_asked() -> None:
    asked: list[str] = []

    def usable(name: str) -> bool:
        asked.append(name)
        return False

    choose(SITE, MID, VISA, "chip", "sale", usable=usable)
    assert asked == ["beta"]


def test_equal_priorities_are_shared_out_among_merchants() -> None:
    mids = [f"{number:015d}" for number in range(200)]
    site = Directory(
        version=1,
        merchants={mid: replace(merchant(), mid=mid) for mid in mids},
        acquirers=SITE.acquirers,
        routes={mid: (Route(mid, "alpha", 1), Route(mid, "beta", 1)) for mid in mids},
    )
    chosen = [name_of(choose(site, mid, VISA, "chip", "sale", usable=up)) for mid in mids]
    assert 50 < chosen.count("alpha") < 150


@given(
    st.permutations(["a", "b", "c", "d", "e"]),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 3), min_size=5),
    st.frozensets(st.sampled_from("abcde")),
)
def test_order_of_the_contracts_does_not_matter(
    order: list[str], priorities: dict[str, int], usable: frozenset[str]
) -> None:
    acquirers = {name: acquirer(name) for name in order}
    given_order = tuple(Route(MID, name, priorities[name]) for name in order)
    sites = [
        replace(SITE, acquirers=acquirers, routes={MID: routes})
        for routes in (given_order, tuple(sorted(given_order, key=lambda route: route.acquirer)))
    ]
    first, second = (
        choose(site, MID, VISA, "chip", "sale", usable=usable.__contains__) for site in sites
    )
    assert first == second
    if usable:
        assert priorities[name_of(first)] == min(priorities[name] for name in usable)
    else:
        assert code_of(first) == "91"


def test_what_follows_a_payment_goes_where_it_went() -> None:
    disabled = replace(SITE, acquirers={"beta": acquirer("beta", active=False)})
    assert name_of(follow(disabled, "beta", up)) == "beta"
    assert code_of(follow(SITE, "alpha", down)) == "91"
    assert code_of(follow(SITE, "gamma", up)) == "91"
