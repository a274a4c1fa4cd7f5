"""Statements of lists: every value is bound, and scope is a condition of its own."""

from pointsman.store import listing
from pointsman.store.console_listings import BATCHES, OUTLETS, PAYMENTS
from pointsman.store.listing import Condition, Operator, Wanted, Within

EVIL = "'; drop table users --"


def wanted(*conditions: Condition, place: tuple[object, ...] = ()) -> Wanted:
    return Wanted(conditions, "created", True, 10, place=place)


def test_no_value_of_a_request_stands_in_a_statement() -> None:
    asked = wanted(
        Condition("mid", Operator.IS, (EVIL,)),
        Condition("rrn", Operator.PREFIX, (EVIL,)),
        Condition("kind", Operator.NOT, (EVIL,)),
        place=(EVIL,),
    )
    statement, values = listing.page(PAYMENTS, asked, Within([EVIL], [EVIL.encode()]))
    assert EVIL not in statement
    assert [EVIL] in values.values()
    assert statement.count("%(") == statement.count(")s")


def test_the_order_goes_on_behind_its_place_in_one_direction() -> None:
    asked = Wanted((), "mid", True, 10, place=("a", "b", "c"))
    forward, _ = listing.page(BATCHES, asked, Within(None))
    assert "(b.mid, b.tid, b.batch) <" in forward
    assert "order by b.mid desc, b.tid desc, b.batch desc" in forward
    back, _ = listing.page(
        BATCHES, Wanted((), "mid", True, 10, place=("a", "b", "c"), backwards=True), Within(None)
    )
    assert "(b.mid, b.tid, b.batch) >" in back
    assert "order by b.mid, b.tid, b.batch" in back


def test_whose_rows_are_seen_is_said_in_every_statement() -> None:
    everything, values = listing.page(PAYMENTS, wanted(), Within(None))
    assert "mids" not in values
    assert "any(%(outlets)s" not in everything
    own, values = listing.count(PAYMENTS, wanted(), Within(["m"], [b"o"], ["n"]), 5)
    assert "t.mid = any(%(mids)s::text[])" in own
    assert "outlet_at(t.mid, t.tid, t.created_at) = any(%(outlets)s::bytea[])" in own
    assert (values["outlets"], values["neighbours"]) == ([b"o"], ["n"])
    places, _ = listing.page(OUTLETS, wanted(), Within([], [b"o"]))
    assert "o.id = any(%(outlets)s::bytea[])" in places


def test_dates_narrow_the_index_of_ids() -> None:
    asked = wanted(Condition("business_date", Operator.FROM, ("2026-11-20",)))
    statement, values = listing.page(PAYMENTS, asked, Within(None))
    assert "t.id >= id_at(%(c0f)s::date::timestamptz - interval '2 days')" in statement
    assert values["c0f"] == "2026-11-20"


def test_a_date_is_asked_plainly_where_ids_give_no_order() -> None:
    day = (Condition("business_date", Operator.IS, ("2026-11-20",)),)
    by_id, _ = listing.page(PAYMENTS, wanted(*day), Within(None))
    assert "(t.business_date + 0) = any" in by_id
    dearest, _ = listing.page(PAYMENTS, Wanted(day, "amount", True, 10), Within(None))
    assert "t.business_date = any" in dearest
    assert "id_at" not in dearest


def test_what_is_not_ordered_by_its_key_is_ordered_by_keys_alone() -> None:
    dearest = Wanted((), "amount", True, 10, more="t.id >= %(first)s", values={"first": b""})
    statement, _ = listing.page(PAYMENTS, dearest, Within(["m"]))
    outer, inner = statement.split("(t.id) in (select t.id from transactions t\n")
    order = "order by t.amount_minor desc, t.id desc limit %(limit)s"
    assert statement.count(order) == 2
    for condition in ("t.id >= %(first)s", "t.mid = any(%(mids)s::text[])"):
        assert condition in inner
        assert condition not in outer
    usual, _ = listing.page(PAYMENTS, wanted(), Within(None))
    assert "in (select" not in usual
