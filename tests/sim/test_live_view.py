"""The live view as text: counts, rate, links, last transactions, nothing wider than the screen."""

from pointsman.sim.live_view import LAST_SHOWN, LinkLine, Screen, Seen
from pointsman.sim.tally import Done


def done(code: str = "00", amount: int = 12_340, elapsed_ms: int = 12) -> Done:
    approved = code == "00"
    return Done(
        *("sale-chip", "898100053310001", "12345678", "000120", amount, "621626*********0018"),
        *(code, approved, elapsed_ms),
    )


def screen() -> Screen:
    return Screen("Pointsman demo", ("Data in var/demo",), "Your own terminal")


def test_an_empty_screen_says_so() -> None:
    text = "\n".join(screen().lines(0.0, 0, 200))
    assert "none yet" in text
    assert "Owed             ?" in text


def test_what_was_seen_is_counted_and_shown_with_its_money() -> None:
    shown = screen()
    for at, code in enumerate(["00", "51", "", "98"]):
        shown.saw(Seen(float(at), "10:17:35", done(code)))
    text = "\n".join(shown.lines(4.0, 61, 200))
    assert "01:01" in text
    assert "approved 1 (25 %)   declined 2   unanswered 1" in text
    assert "123.40 CNY" in text
    assert "51 no funds" in text
    assert "-- silence" in text
    assert "98 no answer" in text


def test_the_rate_is_that_of_the_last_seconds() -> None:
    shown = screen()
    for tenth in range(100):
        shown.saw(Seen(tenth / 10, "", done()))
    assert shown.rate(10.0) == 10.0
    assert shown.rate(100.0) == 0.0


def test_links_owed_and_processes_are_told() -> None:
    shown = screen()
    shown.links = [LinkLine("beta/0", up=True, signed_on=False), LinkLine("alpha/0", True, True)]
    shown.processes = [("worker-0", "ready")]
    shown.owed = 3
    text = "\n".join(shown.lines(0.0, 0, 200))
    assert "alpha/0 signed on   beta/0 connected" in text
    assert "worker-0 ready" in text
    assert "Owed             3" in text


def test_lines_are_cut_and_their_count_stays() -> None:
    shown = screen()
    heights = set()
    for number in range(LAST_SHOWN + 5):
        heights.add(len(shown.lines(0.0, 0, 40)))
        shown.saw(Seen(float(number), "10:17:35", done()))
    assert len(heights) == 1
    assert max(len(line) for line in shown.lines(0.0, 0, 40)) <= 40


def crowded() -> Screen:
    shown = screen()
    names = ("alpha/0", "alpha/1", "beta/0", "beta/1", "gamma/0")
    shown.links = [LinkLine(name, up=True, signed_on=True) for name in names]
    shown.processes = [(f"worker-{number}", "ready") for number in range(6)]
    shown.addresses = [f"Terminals connect to 127.0.0.1:{port}" for port in (8583, 8584, 8585)]
    for number in range(LAST_SHOWN):
        shown.saw(Seen(float(number), "10:17:35", done()))
    return shown


def test_a_small_screen_keeps_everything_but_the_older_transactions() -> None:
    lines = crowded().lines(0.0, 0, 80, 23)
    assert len(lines) == 23
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert lines[0].startswith("Pointsman demo")
    for word in ("gamma/0 signed on", "worker-5 ready", "127.0.0.1:8585", "Your own terminal"):
        assert word in text
    assert "00 approved" in text


def test_a_wide_screen_shows_terminal_and_time_of_each_transaction() -> None:
    wide = crowded().lines(0.0, 0, 120, 44)
    assert sum("12345678" in line and "12 ms" in line for line in wide) == LAST_SHOWN


def test_management_counts_and_is_not_listed() -> None:
    shown = screen()
    shown.saw(Seen(0.0, "", done(amount=0)))
    assert not shown.last
    assert shown.counts["approved"] == 1
