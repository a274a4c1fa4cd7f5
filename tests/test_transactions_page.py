"""docs/transactions.md is what the table of types says; run this file to write it anew."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.store.records import Guard, Money
from pointsman.switch import downloads, network, nii, session
from pointsman.switch.flows import FLOWS, Ceiling, Find, Flow, Order, Silence, answer_mti
from tests.codecs.golden import golden, golden_messages
from tests.exchanges import BY_TERMINALS, NOTHING, OF_LINKS, Exchange, drawn, left, right
from tests.exchanges import HEAD as EXCHANGE_HEAD

PAGE = Path(__file__).parent.parent / "docs" / "transactions.md"

HEAD = """\
# Transaction types

Every type that a terminal of the POS dialect may send, from the table in
`pointsman/switch/flows.py`; a test keeps this page equal to the table. To add a type, add a row
and run `python -m tests.test_transactions_page`; `tests/switch/test_flows.py` then names what shows
it by name: the site file's `forbids` (`pointsman/site/tables.py`), its words in two languages
(`pointsman/reports/states.py`) and, where it may be given back, the console's page
(`templates/payment_acts.html`). `tests/switch/test_types_of_the_document.py` wants it in
`tests/data/transaction-types.toml`, or in its list of what this house adds. Its own tests: a
message in `tests/switch/test_golden_answers.py`, and a simulated terminal's flow
(`pointsman/sim/pos_types.py`, `flows.py`), which the recorded campaign must have met and, where it
can be, undone ([simulation.md](simulation.md)). Fields are those of
[the terminals' dialect](terminal-protocol.md); the rules are [the switch's](switch-rules.md).

Every request carries a MAC and is checked in one order: terminal and merchant, MAC, repeat, open
batch, fields, amount, currency, card, route, original and what it still allows. What fails is
answered and recorded, and nothing reaches an acquirer.

| type | MTI | 3 | 25 | 60.1 | money | without an answer | follows | reserves |
|---|---|---|---|---|---|---|---|---|
"""

MONEY = {
    Money.DEBIT: "debit",
    Money.DEBIT_MINUS: "debit minus",
    Money.CREDIT: "credit",
    Money.HOLD: "held",
    Money.POINTS: "points",
    Money.NONE: "none",
    Money.REPLACES: "replaces",
}
SILENCE = {
    Silence.REVERSE: "98, reversed",
    Silence.REPEAT: "98, sent again",
    Silence.FORGET: "98",
}
GUARD = {
    None: "",
    Guard.VOID: "the whole",
    Guard.REFUND: "its part of what is left",
    Guard.CANCEL: "all that is held",
    Guard.EXTEND: "nothing",
    Guard.COMPLETE: "the one completion",
    Guard.NOTE: "nothing",
    Guard.ADJUST: "the amount",
}
CEILING = {
    Ceiling.NONE: "",
    Ceiling.COMPLETION: " up to `completion_percent` (115) of all that is held",
    Ceiling.TIP: " up to `tip_percent` (100) above what was first approved",
}


def row(flow: Flow) -> str:
    silence = "told first" if flow.told_first else SILENCE[flow.silence]
    cells = (
        flow.name,
        flow.mti,
        flow.processing_code or "as the original",
        ", ".join(sorted(flow.conditions)) or "",
        flow.type_code,
        MONEY[flow.money],
        silence,
        ", ".join(sorted(flow.refers)),
        GUARD[flow.guard],
    )
    return f"| {' | '.join(cells)} |"


def sequence(flow: Flow) -> str:
    """Say a flow as its messages, in order."""
    lines = [f"### {flow.name}", ""]
    if flow.find is Find.HOLD:
        lines += ["Its original is found by card, approval code (38) and date (61.3).", ""]
    elif flow.find is Find.ORDER:
        lines += ["Its original is found by the order number (61).", ""]
    elif flow.follows:
        lines += ["Its original is found by batch and STAN (61), cross-checked with 37.", ""]
    if flow.ceiling is not Ceiling.NONE:
        lines += [f"It may come{CEILING[flow.ceiling]}.", ""]
    answer = answer_mti(flow.mti)
    up, down = flow.upstream_mti, answer_mti(flow.upstream_mti)
    lines += ["```", EXCHANGE_HEAD]
    if flow.order is Order.OPENS:
        lines += [
            f"|{right(flow.mti)}| the intent is journaled",
            f"|{NOTHING}|{right(up)}|",
            f"|{NOTHING}|{left(down)}|",
            f"|{left(f'{answer} order, text')}| journaled as in doubt, and owed",
            f"|{NOTHING}|{right('0200 310000')}| every 5 s for `order_s` (120): paid?",
            f"|{NOTHING}|{right('0420')}| then it is closed; refused: ask again",
            f"|{NOTHING}|{left('0430')}| closed or paid: the outcome is journaled",
        ]
    elif flow.order is Order.ASKS:
        lines += [
            f"|{right(flow.mti)}|",
            f"|{NOTHING}|{right('0200 310000')}| where its order is in doubt",
            f"|{NOTHING}|{left('0210')}| paid: the order's outcome is journaled",
            f"|{left(answer)}| 00 paid, 09 not yet, 05 closed",
        ]
    elif flow.order is Order.CLOSES:
        lines += [
            f"|{right(flow.mti)}|",
            f"|{NOTHING}|{right('0420')}| where its order is in doubt",
            f"|{NOTHING}|{left('0430')}| closed: the order's outcome is journaled",
            f"|{left(answer)}| 00 closed, 12 paid, 98 not known yet",
        ]
    elif flow.told_first:
        lines += [
            f"|{right(flow.mti)}| journaled, and owed",
            f"|{left(f'{answer} 00')}|",
            f"|{NOTHING}|{right(up)}| then {up[:3]}1 until it is answered",
            f"|{NOTHING}|{left(down)}| a refusal is for a person",
        ]
    else:
        lines += [
            f"|{right(flow.mti)}| the intent is journaled",
            f"|{NOTHING}|{right(up)}|",
            f"|{NOTHING}|{left(down)}|",
            f"|{left(answer)}| the outcome is journaled",
        ]
        match flow.silence:
            case Silence.REVERSE:
                lines.append("no answer: 98, then 0420 or 0400 until the acquirer has undone it")
            case Silence.REPEAT:
                lines.append(f"no answer: 98, then {up[:3]}1 until the result is known")
            case Silence.FORGET:
                lines.append("no answer: 98, and nothing is owed")
    lines += ["```", f"Required fields: {', '.join(map(str, sorted(flow.required)))}.", ""]
    return "\n".join(lines)


TAIL = """\
## What may follow what

- A void is of the whole, in the open batch of its original, and there is one. After the batch is
  closed it is 12: refund it instead (77 where the void itself names the closed batch: the
  terminal signs in first, and its void from the new batch is 12). Its reversal makes the original
  live again.
- Refunds may be several and come to what was approved at most, tips and partial approvals counted.
- A pre-authorisation is completed once, within `hold_days` (30). What is held in addition counts.
  A cancelled completion makes room for another one.
- An adjustment replaces the amount of an off-line sale, a tip that of a sale; both until the batch
  is closed, and not once something was given back. After its day was posted, the difference is.
- What a follow-up reserves is free again only when it was declined or its reversal acknowledged.
- A request whose original is still on its way to the acquirer as an advice is 09: try later.
- An order is neither approved nor declined until it was paid or is closed at the acquirer. To close
  it may be refused because it was paid meanwhile: then it is paid. No query is answered *failed*
  before. The wallets' types carry no 22 and 25: 032 and 00 are meant.
- A transaction on which another one stands cannot be reversed by its terminal: 12.

## What counts

The terminal's totals and the settlement go by the column *money*: debit less voids, and credit.
What is held, points, and what is told about others count nowhere.
"""


def page() -> str:
    return (
        HEAD
        + "\n".join(row(flow) for flow in FLOWS)
        + "\n\n## Sequences\n\n"
        + "\n".join(sequence(flow) for flow in FLOWS)
        + "\n## Beside payments\n\n"
        + "\n".join(map(drawn, BY_TERMINALS))
        + "\n## Towards acquirers\n\n"
        + "\n".join(map(drawn, OF_LINKS))
        + "\n"
        + TAIL
    )


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.test_transactions_page"


@pytest.mark.parametrize("one", [*BY_TERMINALS, *OF_LINKS], ids=lambda one: one.title)
def test_each_question_of_an_exchange_is_followed_by_its_answer(one: Exchange) -> None:
    asked: dict[str, str] = {}
    for step in one.steps:
        if step.mti[2] in "024":
            assert step.at not in asked, "one question at a time"
            asked[step.at] = step.mti
        else:
            assert step.mti == answer_mti(asked.pop(step.at))
    assert not asked


def test_no_code_of_60_3_and_70_is_missing() -> None:
    terminals = "\n".join(map(drawn, BY_TERMINALS))
    codes = {
        *(code.value for code in network.Network),
        *network.SIGN_IN_CODES,
        *network.UPLOAD_CODES,
        *network.END_CODES,
        *downloads.CODES,
    } - {network.Network.SCRIPT_RESULT.value}  # a row of the table
    named = set(re.findall(r"\b\d{3}\b", terminals)) | set(_ranges(terminals))
    assert codes <= named
    assert {nii.SETTLE, nii.TRAILER, nii.SIGN_ON, nii.TEST} <= set(re.findall(r"\d{6}", terminals))
    links = set(re.findall(r"\b\d{3}\b", "\n".join(map(drawn, OF_LINKS))))
    assert {session.SIGN_ON, session.SIGN_OFF, session.CUT_OVER, session.ECHO} <= links
    assert set(session.KEY_CHANGE) <= links


def _ranges(text: str) -> Iterator[str]:
    for first, last in re.findall(r"\b(\d{3}) to (\d{3})\b", text):
        yield from (f"{number}" for number in range(int(first), int(last) + 1))


@pytest.mark.parametrize("name", [one.name for one in golden_messages()])
def test_every_golden_message_is_on_the_page(name: str) -> None:
    assert golden(name).mti in page()


if __name__ == "__main__":
    PAGE.write_text(page())
