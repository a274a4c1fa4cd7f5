"""Rules, dashboard and unit file agree with the product: names, chapters, commands (ops/).

Whether each alert really fires is shown by promtool on rules.test.yml, where promtool is installed.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pointsman import cli
from pointsman.console.counters import ConsoleMetrics
from pointsman.metric_families import FAMILIES, Family

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "ops" / "prometheus"
RULES = (PROMETHEUS / "rules.yml").read_text("utf-8")
DASHBOARD = ROOT / "ops" / "grafana" / "switch.json"
PROMTOOL = os.environ.get("POINTSMAN_TEST_PROMTOOL") or shutil.which("promtool")

# The console counts by itself: what its own registry tells of each family.
OF_THE_CONSOLE = {
    found._name + "_total" * isinstance(found, Counter): Family(
        type(found), tuple(found._labelnames), found._documentation
    )
    for found in vars(ConsoleMetrics(CollectorRegistry())).values()
    if isinstance(found, Counter | Gauge | Histogram)
}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
WATCHED = (ROOT / "tests" / "data" / "watched.txt").read_text("utf-8").splitlines()[2:]

RECORDED = set(re.findall(r"^\s+- record: (\S+)$", RULES, re.MULTILINE))
ALERTS = re.findall(
    r"- alert: (?P<name>\w+)\n\s+expr: '(?P<expr>[^\n]+)'\n\s+for: \d+[ms]\n"
    r"\s+labels:\n\s+severity: (?P<severity>\w+)\n"
    r"\s+annotations:\n\s+summary: '(?P<summary>[^\n]+)'\n\s+summary_zh: '(?P<zh>[^\n]+)'\n"
    r"\s+runbook: docs/operations\.md#(?P<anchor>\S+)\n",
    RULES,
)


def waits_for(row: str) -> set[str]:
    """Return the names that stand in a row of the table of what is not there yet."""
    _, _, metrics, alerts, _ = row.split("|")
    found = {f"pointsman_{name}" for name in re.findall(r"`(\w+)`", metrics)}
    return found | {f"Pointsman{name}" for name in re.findall(r"`(\w+)`", alerts)}


def expressions(text: str) -> Iterator[str]:
    """Yield every expression of the rules and of the dashboard."""
    yield from re.findall(r"expr: '?([^\n|']+(?:'[^\n]*)?)", text)
    yield from re.findall(r"expr: \|\n((?:\s{10,}[^\n]+\n)+)", text)


def panels() -> list[dict[str, Any]]:  # Any: Grafana's own shape
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def family_of(name: str) -> Family | None:
    """Return the family of a series: a histogram's has a suffix."""
    known: dict[str, Family] = {**FAMILIES, **OF_THE_CONSOLE}
    if name in known:
        return known[name]
    family = known.get(re.sub(r"_(bucket|sum|count)$", "", name))
    return family if family and family.kind is Histogram else None


def every_expression() -> list[str]:
    return [*expressions(RULES), *queries()]


def test_there_are_expressions_to_look_at() -> None:
    assert len(every_expression()) > 50
    assert len(RECORDED) == RULES.count("- record:")
    assert len(ALERTS) == RULES.count("- alert:")


@pytest.mark.parametrize("expression", every_expression())
def test_every_metric_that_is_read_is_exported(expression: str) -> None:
    plain = re.sub(r'"[^"]*"', '""', expression)
    names = set(re.findall(r"(?<![\w:])(?:\w+:)?pointsman_\w+(?::\w+)?", plain))
    assert names or "up{" in plain
    for name in names:
        assert name in RECORDED or family_of(name), name


@pytest.mark.parametrize("expression", every_expression())
def test_every_label_that_is_asked_for_exists(expression: str) -> None:
    for name, selector in re.findall(r"(pointsman_\w+)\{([^}]*)\}", expression):
        family = family_of(name)
        if family:
            asked = set(re.findall(r"(\w+)\s*[=!]~?", selector))
            assert asked <= set(family.labels), (name, asked)


def test_what_operators_watch_is_there_or_said_to_be_missing() -> None:
    there = {*FAMILIES, *OF_THE_CONSOLE, *(alert[0] for alert in ALERTS)}
    table = OPERATIONS.partition("| Not there yet |")[2].partition("\n\n")[0]
    missing = set().union(*(waits_for(row) for row in table.splitlines()[2:]))
    assert len(WATCHED) > 100
    assert missing
    assert set(WATCHED) - there == missing


def test_no_label_is_a_person_or_a_payment() -> None:
    labels = {
        name for family in [*FAMILIES.values(), *OF_THE_CONSOLE.values()] for name in family.labels
    }
    assert labels.isdisjoint({"merchant", "mid", "terminal", "tid", "card", "pan", "rrn", "user"})
    assert labels.isdisjoint({"request", "stan", "outlet", "path", "address", "text"})


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert[0]))
def test_alert_has_weight_words_in_two_languages_and_a_chapter(alert: tuple[str, ...]) -> None:
    name, _, severity, summary, chinese, anchor = alert
    assert name.startswith("Pointsman")
    assert severity in {"page", "warn", "info"}
    assert summary.isascii()
    assert not chinese.isascii()
    assert anchor == name.lower()
    assert re.search(rf"^### {name}$", OPERATIONS, re.MULTILINE)


def test_dashboard_panels_have_ids_titles_and_places_of_their_own() -> None:
    found = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in found}) == len(found)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in found]
    assert len(set(places)) == len(places)
    assert all(panel["title"] for panel in found)


def test_dashboard_asks_the_chosen_data_source_only() -> None:
    sources = {panel["datasource"]["uid"] for panel in panels()}
    assert sources == {"${datasource}"}


def test_unit_starts_a_command_that_exists() -> None:
    unit = (ROOT / "ops" / "systemd" / "pointsman.service").read_text("utf-8")
    started = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    words = shlex.split(started[0])
    assert words[1:3] == ["-m", "pointsman"]
    assert words[3] in cli.COMMANDS
    # The supervisor tells systemd that it is ready, and ends its children itself.
    assert "Type=notify" in unit
    assert "KillMode=mixed" in unit


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "what",
    [
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules.test.yml"),
        ("test", "rules", "rules.days.test.yml"),
    ],
)
def test_promtool_accepts_the_rules_and_sees_them_fire(what: tuple[str, ...]) -> None:
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, *what], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
