"""Runs files of the shared vector format and counts what passed: the known-answer test on demand.

A case passes when every value of its ``out`` is what the product computes; an operation that is not
known counts as failed. The operations are in ``vectors`` and beside it.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pointsman.hsm.vectors import OPERATIONS
from pointsman.hsm.vectors_cards import CARD_OPERATIONS
from pointsman.hsm.vectors_host import HOST_OPERATIONS
from pointsman.hsm.vectors_keys import KEY_OPERATIONS

# What an operation itself gives as its error must be met to the letter. Where one only raises, any
# other label says the same: refused.
LABELS = frozenset(
    {
        "pin_block_invalid",
        "format_conversion_refused",
        "pan_change_refused",
        "mac_mismatch",
    }
)
KNOWN = OPERATIONS | CARD_OPERATIONS | KEY_OPERATIONS | HOST_OPERATIONS


@dataclass(slots=True)
class Report:
    """Passed and failed by family, and the names of what failed."""

    families: dict[str, tuple[int, int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many cases passed in all."""
        return sum(passed for passed, _ in self.families.values())

    @property
    def failed(self) -> int:
        """How many cases failed in all."""
        return sum(failed for _, failed in self.families.values())

    def add(self, family: str, name: str, *, passed: bool) -> None:
        """Count one case."""
        good, bad = self.families.get(family, (0, 0))
        self.families[family] = (good + passed, bad + (not passed))
        if not passed:
            self.failures.append(f"{family}/{name}")

    def as_json(self) -> str:
        """Return the report as one JSON object."""
        families = {
            name: {"passed": passed, "failed": failed}
            for name, (passed, failed) in self.families.items()
        }
        return json.dumps(
            {
                "passed": self.passed,
                "failed": self.failed,
                "families": families,
                "failures": self.failures,
            }
        )


def run_directory(directory: Path) -> Report:
    """Run every JSON file of a directory; one that cannot be read is a failure of its own."""
    report = Report()
    for path in sorted(directory.glob("*.json")):
        try:
            found = json.loads(path.read_text())
            cases, family = list(found["cases"]), str(found["family"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            report.add(path.stem, "file", passed=False)
            continue
        for at, case in enumerate(cases):
            name = str(case.get("name", at)) if isinstance(case, dict) else str(at)
            report.add(family, name, passed=passes(case, found))
    return report


def passes(case: object, file: dict[str, Any]) -> bool:
    """Tell whether one case computes to all of its ``out``; ``file`` holds shared parameters."""
    match case:
        case {"in": {"op": str(operation)} as given, "out": dict(wanted)} if wanted:
            pass
        case _:
            return False
    run = KNOWN.get(operation)
    if run is None:
        return False
    try:
        made = run({**given, "parameters": file.get("parameters")})
    except ValueError:
        return "error" in wanted and wanted["error"] not in LABELS
    except Exception:  # noqa: BLE001  (outermost frame of a case: whatever failed, the case did)
        return False
    return all(name in made and made[name] == value for name, value in wanted.items())
