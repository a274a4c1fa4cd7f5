"""Draws a report of bench/switch.py as SVG: CPU of a sale by process, and its own latency.

``python -m bench plots REPORT.json DIRECTORY`` writes cpu.svg and latency.svg. Bars are medians,
thin lines go from the lowest to the highest run. Colours are readable on light and dark ground.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH, BAR, GAP, LEFT, RIGHT = 760, 22, 14, 210, 90
COLOURS = {
    "workers": "#3b78c4",
    "hsm": "#c47f17",
    "postgres": "#3a9d5d",
    "acquirers": "#9a6bb5",
    "load": "#8a8f98",
}
STEPS = (
    ("closed", "closed loop, at the peak"),
    ("open", "open loop, 70 % of it"),
)
Figures = Mapping[str, Any]  # Any: JSON


def cpu(report: Figures) -> str:
    """Return stacked bars: microseconds of CPU a sale, by process."""
    rows = [(label, report[step]["cpu_us_per_sale"]) for step, label in STEPS]
    most = max(sum(table[name]["median"] for name in COLOURS) for _, table in rows)
    parts = []
    for number, (label, table) in enumerate(rows):
        y, x = GAP + number * (BAR + GAP), float(LEFT)
        parts.append(_text(LEFT - 8, y + BAR - 6, label, "end"))
        for name, colour in COLOURS.items():
            size = table[name]["median"] / most * (WIDTH - LEFT - RIGHT)
            parts.append(_bar(x, y, size, colour, f"{name}: {table[name]['median']:.0f} us"))
            x += size
        whole = sum(table[name]["median"] for name in COLOURS)
        parts.append(_text(x + 6, y + BAR - 6, f"{whole:.0f} us", "start"))
    below = GAP + len(rows) * (BAR + GAP)
    for number, (name, colour) in enumerate(COLOURS.items()):
        at = LEFT + number * 100
        parts.append(_bar(at, below, 12, colour, name, height=12))
        parts.append(_text(at + 17, below + 11, name, "start"))
    return _svg(below + 2 * GAP, parts)


def latency(report: Figures) -> str:
    """Return bars on a logarithmic axis: own milliseconds of a sale by percentile."""
    rows = [
        (f"{label}, {name}", report[step]["own_latency_ms"][name])
        for step, label in (*STEPS[1:], ("one_at_a_time", "one at a time"))
        for name in ("p50", "p90", "p99")
    ]
    most = max(spread["highest"] for _, spread in rows)
    least = min(1.0, *(max(spread["lowest"], 0.1) for _, spread in rows))

    def at(value: float) -> float:
        share = math.log(max(value, least) / least) / math.log(most / least)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    parts = []
    for number, (label, spread) in enumerate(rows):
        y = GAP + number * (BAR + GAP)
        middle = y + BAR / 2
        parts.append(_text(LEFT - 8, y + BAR - 6, label, "end"))
        parts.append(_bar(LEFT, y, at(spread["median"]) - LEFT, COLOURS["workers"], label))
        parts.append(
            f'<line x1="{at(spread["lowest"]):.1f}" x2="{at(spread["highest"]):.1f}"'
            f' y1="{middle}" y2="{middle}" stroke="{COLOURS["load"]}" stroke-width="2"/>'
        )
        text = f"{spread['median']:.1f} ms"
        parts.append(_text(at(spread["highest"]) + 6, y + BAR - 6, text, "start"))
    return _svg(GAP + len(rows) * (BAR + GAP), parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _bar(x: float, y: float, size: float, colour: str, title: str, *, height: int = BAR) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="{height}" fill="{colour}">'
        f"<title>{title}</title></rect>"
    )


def _svg(height: float, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="13" fill="#6b7280">'
    )
    return "\n".join((head, *parts, "</svg>\n"))


def main(argv: Sequence[str]) -> int:
    """Draw both."""
    report = json.loads(Path(argv[0]).read_text())
    directory = Path(argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "cpu.svg").write_text(cpu(report))
    (directory / "latency.svg").write_text(latency(report))
    return 0
