"""Rights: the table, where grants reach, and that nobody gives what is not theirs."""

import pytest

from pointsman.console.rights import (
    RIGHTS,
    SCOPES,
    Grant,
    Reach,
    Resource,
    Role,
    Scope,
    Verb,
    lacking,
    may_grant,
    named,
    reach,
)

ADMIN = Grant(Role.PLATFORM_ADMIN, Scope.PLATFORM)
OWNER = Grant(Role.MERCHANT_OWNER, Scope.MERCHANT, "1")
CORNER = b"corner"
STAFF = Grant(Role.MERCHANT_STAFF, Scope.OUTLET, "1", outlet=CORNER)


def test_every_right_comes_with_seeing() -> None:
    for role, rights in RIGHTS.items():
        for resource, _ in rights:
            assert (resource, Verb.VIEW) in rights, (role, resource)


def test_a_merchants_people_see_nothing_of_links_keys_and_reconciliation() -> None:
    for role in Role:
        if Scope.PLATFORM not in SCOPES[role]:
            seen = {resource for resource, _ in RIGHTS[role]}
            assert not seen & {Resource.LINKS, Resource.KEYS, Resource.RECONCILIATION}


def test_nobody_changes_the_audit_trail_or_the_ledger() -> None:
    for rights in RIGHTS.values():
        assert not rights & {
            (resource, verb)
            for resource in (Resource.AUDIT, Resource.LEDGER)
            for verb in (Verb.MANAGE, Verb.AUTHORISE)
        }


def test_grants_of_two_merchants_reach_both_and_no_third() -> None:
    grants = [OWNER, Grant(Role.MERCHANT_VIEWER, Scope.MERCHANT, "2")]
    found = reach(grants, Resource.TRANSACTIONS, Verb.VIEW)
    assert found == Reach(frozenset({"1", "2"}))
    assert not found.includes("3")
    assert not found.includes("")
    assert reach(grants, Resource.USERS, Verb.MANAGE) == Reach(frozenset({"1"}))
    assert reach(grants, Resource.LINKS, Verb.VIEW) is None


def test_a_platform_grant_reaches_everything() -> None:
    assert reach([OWNER, ADMIN], Resource.TRANSACTIONS, Verb.VIEW) == Reach(None)
    assert Reach(None).includes("")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_granted_in_its_own_scope_only(role: Role) -> None:
    inside = Scope.MERCHANT in SCOPES[role]
    assert may_grant([ADMIN], Grant(role, Scope.MERCHANT, "1")) == inside
    assert may_grant([ADMIN], Grant(role, Scope.PLATFORM)) != inside
    assert not may_grant([ADMIN], Grant(role, Scope.PLATFORM, "1"))
    assert not may_grant([ADMIN], Grant(role, Scope.MERCHANT, ""))


def test_an_owner_invites_to_the_own_merchant_and_nowhere_else() -> None:
    assert may_grant([OWNER], Grant(Role.MERCHANT_VIEWER, Scope.MERCHANT, "1"))
    assert may_grant([OWNER], OWNER)
    assert not may_grant([OWNER], Grant(Role.MERCHANT_VIEWER, Scope.MERCHANT, "2"))
    assert not may_grant([OWNER], Grant(Role.OPERATOR, Scope.PLATFORM))
    assert not may_grant([Grant(Role.OPERATOR, Scope.PLATFORM)], OWNER)


def test_staff_of_an_outlet_reach_it_and_not_the_whole_merchant() -> None:
    found = reach([STAFF], Resource.TRANSACTIONS, Verb.VIEW)
    assert found == Reach(frozenset(), frozenset({CORNER}), frozenset({"1"}))
    assert not found.includes("1")
    assert found.touches("1")
    assert not found.touches("2")
    whole = Grant(Role.MERCHANT_STAFF, Scope.MERCHANT, "1")
    assert reach([STAFF, whole], Resource.TRANSACTIONS, Verb.VIEW) == Reach(frozenset({"1"}))
    assert reach([STAFF], Resource.SETTLEMENT, Verb.VIEW) is None


def test_an_outlet_is_granted_by_name_to_its_staff_by_who_holds_the_merchant() -> None:
    assert may_grant([OWNER], STAFF)
    assert may_grant([ADMIN], STAFF)
    assert not may_grant([STAFF], STAFF)
    assert not may_grant([OWNER], Grant(Role.MERCHANT_STAFF, Scope.OUTLET, "1"))
    assert not may_grant([OWNER], Grant(Role.MERCHANT_STAFF, Scope.OUTLET, "2", outlet=CORNER))
    assert not may_grant([OWNER], Grant(Role.MERCHANT_STAFF, Scope.MERCHANT, "1", outlet=CORNER))
    assert not may_grant([ADMIN], Grant(Role.MERCHANT_VIEWER, Scope.OUTLET, "1", outlet=CORNER))
    assert not may_grant([ADMIN], Grant(Role.MERCHANT_STAFF, Scope.OUTLET, "", outlet=CORNER))


def test_what_one_lacks_is_named_for_the_place() -> None:
    wanted = {(Resource.TRANSACTIONS, Verb.VIEW), (Resource.AUDIT, Verb.VIEW)}
    assert lacking([OWNER], wanted, "1") == []
    assert named(lacking([OWNER], wanted, "2")) == "audit:view, transactions:view"
    assert lacking([OWNER], wanted, "") == lacking([], wanted, "1")
    assert named(lacking([Grant(Role.OPERATOR, Scope.PLATFORM)], wanted, "")) == "audit:view"
