"""House rules: the first row that matches refuses, an empty set matches everything."""

from pointsman.routing.rules import HOUSE_RULES, Rule, refused


def test_first_matching_row_refuses() -> None:
    rules = [
        Rule("57", "not keyed", methods=frozenset({"manual"})),
        Rule("58", "nothing at all"),
    ]
    keyed = refused("VIS", "manual", "sale", rules)
    dipped = refused("VIS", "chip", "sale", rules)
    assert keyed is not None
    assert dipped is not None
    assert (keyed.code, dipped.code) == ("57", "58")


def test_row_refuses_only_where_scheme_method_and_kind_all_match() -> None:
    rule = Rule("57", "x", frozenset({"MAE"}), frozenset({"manual"}), frozenset({"sale"}))
    assert rule.matches("MAE", "manual", "sale")
    assert not rule.matches("VIS", "manual", "sale")
    assert not rule.matches("MAE", "chip", "sale")
    assert not rule.matches("MAE", "manual", "refund")


def test_ordinary_payments_pass_the_house_rules() -> None:
    for scheme in ("CUP", "VIS", "MCC", "JCB", "AMX"):
        for method in ("chip", "contactless", "stripe", "manual"):
            for kind in ("sale", "void", "refund"):
                assert refused(scheme, method, kind) is None
    assert refused("CUP", "qr_consumer", "sale") is None


def test_every_house_rule_refuses_something_of_its_own() -> None:
    for rule in HOUSE_RULES:
        scheme = min(rule.schemes)
        method = min(rule.methods, default="other")
        kind = min(rule.kinds, default="sale")
        assert refused(scheme, method, kind) is rule
