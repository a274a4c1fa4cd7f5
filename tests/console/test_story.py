"""Stories: every journal row is told on its track, and why a payment is not approved is said."""

from typing import Any

import pytest

from pointsman.console import story, words

AT = "2026-11-20T05:58:{:02d}.000Z"
Document = dict[str, Any]  # Any: JSON


def payment(*events: tuple[str, Document], **more: object) -> Document:
    timeline = [
        {"at": AT.format(n), "kind": kind, "writer": 2, "sequence": 70 + n, "facts": facts}
        for n, (kind, facts) in enumerate(events)
    ]
    sides = {"stan": "001004", "rrn": "", "response_code": ""}
    return {
        "state": "approved",
        "kind": "sale",
        "method": "chip",
        "acquirer": "beta",
        "terminal": "22345678",
        "rrn": "632600001007",
        "response_code": "00",
        "local_time": "135759",
        "acquirer_side": sides,
        "owed": [],
        "timeline": timeline,
        **more,
    }


INTENT = ("intent", {"state": "sending"})
SILENCE = ("outcome", {"state": "unknown", "response_code": "98"})


def test_a_sale_goes_from_the_terminal_to_the_acquirer_and_back() -> None:
    outcome = {"state": "approved", "response_code": "00", "host_code": "00"}
    told = story.steps(payment(INTENT, ("outcome", outcome)))
    assert [one.lane for one in told] == ["t", "s", "a", "s", "t"]
    assert [one.move for one in told] == ["", "ts", "sa", "as", "st"]
    assert [one.row for one in told] == ["", "2/70", "", "2/71", ""]
    assert told[3].gap_ms == 1000
    assert [one.gap_ms for one in told if not one.row] == [None, None, None]


def test_a_refusal_never_reaches_the_acquirers_track() -> None:
    told = story.steps(payment(("intent", {"state": "refused", "response_code": "61"})))
    assert "a" not in [one.lane for one in told]
    assert [one.row for one in told if one.row] == ["2/70"]
    assert told[-1].values["code"] == "61"


def test_silence_what_is_owed_and_its_end_are_told_in_the_order_of_time() -> None:
    owed = {"kind": "reversal", "since": AT.format(1), "state": "done"}
    found = payment(INTENT, SILENCE, ("owed-done", {"code": "25"}), owed=[owed])
    told = story.steps(found)
    titles = [words.Words("en").filled(one.title, one.values) for one in told[3:]]
    assert titles == [
        "No valid answer of beta",
        "The terminal is told 98",
        "Owed to beta: Reversal",
        "beta confirms the undoing: 25",
    ]
    assert len({one.row for one in told if one.row}) == 3


@pytest.mark.parametrize(
    "kind",
    ["reversal-arrived", "owed-answered", "owed-parked", "late-answer", "claimed", "parked-asked"],
)
def test_every_other_row_is_one_step_with_its_place(kind: str) -> None:
    (step,) = story.steps(payment((kind, {"code": "00"})))
    assert step.row == "2/70"


def test_a_row_that_nobody_named_is_shown_by_its_kind() -> None:
    (step,) = story.steps(payment(("brand-new", {})))
    assert words.Words("en").filled(step.title, step.values) == "brand-new"


def test_every_text_is_in_the_catalogue_and_takes_its_values() -> None:
    assert len(story.TEXTS) > 25
    for text in story.TEXTS:
        assert words.ZH[text].count("{") == text.count("{")


@pytest.mark.parametrize(
    ("state", "code", "tone", "retry"),
    [("declined", "51", "bad", True), ("declined", "41", "bad", False)],
)
def test_a_decline_is_explained_by_its_answer_code(
    state: str, code: str, tone: str, *, retry: bool
) -> None:
    side = {"stan": "", "rrn": "", "response_code": code}
    found = story.why(payment(state=state, response_code=code, acquirer_side=side))
    assert found is not None
    assert (found.tone, found.code) == (tone, code)
    assert (found.text == "Another try may succeed.") is retry
    assert found.reason[0] != found.reason[1]


def test_who_decided_is_told() -> None:
    declined, refused = (
        story.why(payment(state=state, response_code="61")) for state in ("declined", "refused")
    )
    assert declined is not None
    assert refused is not None
    assert declined.title != refused.title


@pytest.mark.parametrize("state", ["unknown", "reversing", "failed", "reversed"])
def test_what_is_neither_approved_nor_declined_says_what_happened_to_the_money(state: str) -> None:
    assert story.why(payment(state=state)) is not None


def test_an_approved_payment_needs_no_explanation() -> None:
    assert story.why(payment()) is None
