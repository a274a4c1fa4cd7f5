"""What one block of faults found: counts, times, violations. Values only; card.py adds them up."""

import msgspec

from tests.faults.checks import PROMISES


class BlockReport(msgspec.Struct, kw_only=True):
    """One block; ``violations`` and ``where`` are empty where all held. Times in seconds."""

    seed: int
    theme: str
    seconds: float
    commit: str = ""  # of the code that ran
    faults: dict[str, int]
    unseen: dict[str, int]
    kills: int
    back_s: list[float]  # from the fault to every process ready again
    serving_s: list[float]  # from the fault to the first approval told after that
    terminal_requests: int = 0
    acquirer_requests: int = 0
    approvals: int = 0
    repeats: int = 0
    late_answers: int = 0
    reversals_by_terminals: int = 0
    reversals_at_acquirers: int = 0
    kinds: dict[str, int] = {}  # requests of terminals by type; "international" is the dialect
    violations: dict[str, int]
    where: dict[str, list[str]]
    failure: str = ""
    data: str = ""  # the directory that was kept

    @staticmethod
    def empty(seed: int, theme: str, seconds: float) -> "BlockReport":
        """Return the report of a block that begins."""
        return BlockReport(
            seed=seed, theme=theme, seconds=seconds, faults={}, unseen={}, kills=0, back_s=[],
            serving_s=[], violations={}, where={},
        )  # fmt: skip

    def violated(self, name: str, number: int, *where: str) -> None:
        """Count violations of one kind; none is no violation."""
        assert name in PROMISES, name
        if number:
            self.violations[name] = self.violations.get(name, 0) + number
            self.where.setdefault(name, []).extend(where)

    def struck(self, kind: str, *, seen: bool) -> None:
        """Count a fault whose effect was seen, or one that was not."""
        counts = self.faults if seen else self.unseen
        counts[kind] = counts.get(kind, 0) + 1
        self.kills += seen and kind.startswith(("kill", "death"))
