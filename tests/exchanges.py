"""What terminals and acquirers say beside payments, as rows: for docs/transactions.md.

A sequence is a title, a remark, and its messages in order. The page is made in
test_transactions_page.py, which also proves that no code of field 60.3 or 70 is missing here.
"""

from dataclasses import dataclass

WIDTH = 24
NOTHING = " " * WIDTH
HEAD = "terminal" + " " * 17 + "switch" + " " * 19 + "acquirer"


@dataclass(frozen=True, slots=True)
class Step:
    """One message: at which side of the switch, which way, and what is said of it."""

    at: str  # "terminal" or "acquirer"
    right: bool  # as written: from the terminal to the switch, from the switch to the acquirer
    mti: str
    words: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A sequence of messages that are no payment."""

    title: str
    remark: str
    steps: tuple[Step, ...]


def right(message: str) -> str:
    """Draw a message from left to right."""
    return f"--- {message} ".ljust(WIDTH - 1, "-") + ">"


def left(message: str) -> str:
    """Draw a message from right to left."""
    return "<" + f"-- {message} ".ljust(WIDTH - 1, "-")


def line(step: Step) -> str:
    """Draw one message between its two sides."""
    drawn = (right if step.right else left)(f"{step.mti} {step.words}".strip())
    between = f"|{drawn}|" if step.at == "terminal" else f"|{NOTHING}|{drawn}|"
    return f"{between} {step.note}".rstrip()


def drawn(one: Exchange) -> str:
    """Say an exchange as the page does."""
    lines = [f"### {one.title}", "", one.remark, "", "```", HEAD, *map(line, one.steps), "```", ""]
    return "\n".join(lines)


def _asks(mti: str, words: str = "", note: str = "") -> Step:
    return Step("terminal", True, mti, words, note)


def _hears(mti: str, words: str = "", note: str = "") -> Step:
    return Step("terminal", False, mti, words, note)


def _sends(mti: str, words: str = "", note: str = "") -> Step:
    return Step("acquirer", True, mti, words, note)


def _gets(mti: str, words: str = "", note: str = "") -> Step:
    return Step("acquirer", False, mti, words, note)


BY_TERMINALS = (
    Exchange(
        "A repeat",
        "Known by its key and content, whatever its last digit: 0101, 0201, 0221, 0401, 0801.",
        (_asks("0201"), _hears("0210", "", "the stored answer; nothing goes to the acquirer")),
    ),
    Exchange(
        "A terminal's reversal",
        "Fields of the original; 11 is its STAN, 39 the reason. What it meets decides the code "
        "([switch-rules 4](switch-rules.md)).",
        (
            _asks("0400", "", "owed in a commit of its own"),
            _hears("0410", "00", "25 or 12 where there is nothing to undo so"),
            _sends("0420", "", "`reversal_mti`: 0420 or 0400, behind its original"),
            _gets("0430", "", "not done: 0421 or 0401 until it is"),
        ),
    ),
    Exchange(
        "A sign-in",
        "60.3: 001 keys of single length, 003 of double, 004 with a track key. No MAC.",
        (_asks("0800", "003"), _hears("0810", "003, keys", "62: working keys; 60.2: the batch")),
    ),
    Exchange(
        "Sign-off, echo and status",
        "60.3: 002 sign-off, 301 echo, 362 status upload; 0800/401 a cashier for points.",
        (_asks("0820", "301"), _hears("0830", "00")),
    ),
    Exchange(
        "Downloads by lists",
        "60.3: 372, 370, 371 CA keys; 382, 380, 381 AIDs.",
        (
            _asks("0820", "372", "how many it has, in 62"),
            _hears("0830", "list", "2 more follow, 3 the last part, 1 whole, 0 none"),
            _asks("0800", "370", "for each entry"),
            _hears("0810", "entry"),
            _asks("0800", "371", "at the end"),
            _hears("0810", "00"),
        ),
    ),
    Exchange(
        "Downloads by records",
        "60.3: 360, 361 parameters; 364, 365 TMS; 390, 391 black list; 394, 395 contactless; 396, "
        "397 and 398, 399 cards of small amounts.",
        (
            _asks("0800", "390", "the first record wanted, in 62"),
            _hears("0810", "records", "2 more follow, 3 the last part, 1 whole, 0 none"),
            _asks("0800", "391", "at the end"),
            _hears("0810", "00"),
        ),
    ),
    Exchange(
        "A settlement",
        "60.3: 201 totals and items, 203 to 206 certificates and chip items, 207 and 202 the end.",
        (
            _asks("0500", "201", "the terminal's totals, in 48"),
            _hears("0510", "48", "1 equal, 2 different, 3 error; no field 39"),
            _asks("0320", "201", "items of a side that differs, eight a message"),
            _hears("0330", "00"),
            _asks("0320", "203", "each chip certificate; 205 where a side differs"),
            _hears("0330", "00"),
            _asks("0320", "207", "balanced, 202 where it is not: the batch is fixed"),
            _hears("0330", "00", "the next sign-in opens the next batch"),
        ),
    ),
    Exchange(
        "A settlement of an international terminal",
        "Field 3 in place of 60.3; 0800 with 920000 or 990000 is its sign-on or test.",
        (
            _asks("0500", "920000", "the terminal's totals, in 63"),
            _hears("0510", "95", "00: equal, and the batch is closed"),
            _asks("0320", "", "each payment, named in 60"),
            _hears("0330", "00"),
            _asks("0500", "960000"),
            _hears("0510", "00", "the batch is fixed, the next one open"),
        ),
    ),
)

OF_LINKS = (
    Exchange(
        "A session",
        "70: 001 sign-on, 301 echo after `echo_s` of quiet, 002 sign-off.",
        (_sends("0800", "001"), _gets("0810", "00", "payments may be carried")),
    ),
    Exchange(
        "What an acquirer says unasked",
        "70: 001 sign-on, 002 sign-off, 301 echo, 101 and 161 new keys, 201 cut-over; and 0620, "
        "text. Always answered, while signed off too.",
        (
            _gets("0800", "201", "15: the settlement date from now on"),
            _sends("0810", "00", "30 for a key whose check value differs; 40 for another code"),
            _gets("0620"),
            _sends("0630", "00"),
        ),
    ),
    Exchange(
        "A reversal of our own",
        "After silence, an answer that cannot be used, a crash, an approval that nobody took.",
        (
            _sends("0420", "", "`reversal_mti`: 0420 or 0400; 90 names what was sent"),
            _gets("0430", "", "00 done; 25, 12, 21, 94 by rules; else again, or parked"),
            _sends("0421", "", "after 5, 10, 20 s and so on; 0401 for a 0400"),
            _gets("0430"),
        ),
    ),
    Exchange(
        "A customer who must confirm",
        "A code is answered 09: the wallet waits for its customer.",
        (
            _sends("0200", "", "a code (A3) and no card"),
            _gets("0210", "09"),
            _sends("0200", "310000", "every 3 s until the host's time is over"),
            _gets("0210", "", "its answer is the payment's; none: 98, and a reversal"),
        ),
    ),
    Exchange(
        "Totals of a settlement date",
        "Where the acquirer reconciles ([settlement](settlement.md)); 0520 and 0530 likewise.",
        (
            _sends("0500", "", "counts 74 to 81, sums 86 to 89, net 97"),
            _gets("0510", "", "66: 1 in balance, 2 out of it; no answer: 0501"),
        ),
    ),
)
