"""Mutation testing of hsm/: ``python -m tests.hsm.mutants --seed N --count M [--json FILE]``.

Works on a clone of HEAD. Which test files run a line is measured once; a mutant that they let live
meets the whole room. The draw depends on the seed and on HEAD alone; a file of results that is
given again is gone on with. What is changed is told in ``mutating``; survivors in docs/hsm.md.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hsm.mutating import Mutant, mutants

ROOT = Path(__file__).parents[2]
ROOM = "pointsman/hsm"
TESTS = "tests/hsm"
WAIT_S_MAX, CPU_S_MAX = 300, 60  # a mutant that waits or turns for ever is seen by that
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "--hypothesis-seed=1")
_FIRST_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_CONTEXT_FILE = re.compile(r"^tests\.hsm\.(test_\w+?)\.")
_RCFILE = f"[run]\nsource = {ROOM}\ndynamic_context = test_function\n"

Lines = dict[str, dict[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; ``by`` is the test that saw it first, or "time"."""

    file: str
    line: int
    before: str
    after: str
    died: bool
    by: str = ""


class Clone:
    """A clone of HEAD in which one file at a time is another."""

    def __init__(self, where: Path) -> None:
        self.where = where
        subprocess.run(["git", "clone", "-q", "--shared", str(ROOT), str(where)], check=True)
        self._writes = 0
        self._environment = {**os.environ, "PYTHONPATH": str(where)}

    def files(self, chosen: str) -> list[str]:
        """Return the room's source files whose names hold ``chosen``."""
        found = sorted((self.where / ROOM).glob("*.py"))
        return [path.name for path in found if chosen in path.name and path.stem != "__init__"]

    def read(self, file: str) -> str:
        """Return a source file's text."""
        return (self.where / ROOM / file).read_text()

    def write(self, file: str, text: str) -> None:
        """Write a source file, always with another time: compiled files are known by it."""
        path = self.where / ROOM / file
        path.write_text(text)
        self._writes += 1
        stamp = path.stat().st_mtime + 10 * self._writes
        os.utime(path, (stamp, stamp))

    def test(self, files: Sequence[str]) -> str:
        """Run test files; return the first test that failed, or nothing."""
        # What Hypothesis found against another mutant says nothing of this one.
        shutil.rmtree(self.where / ".hypothesis", ignore_errors=True)
        argv = [sys.executable, "-m", "pytest", *OPTIONS, *files]
        try:
            done = subprocess.run(
                argv,
                cwd=self.where,
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=WAIT_S_MAX,
                check=False,
                preexec_fn=_limit_cpu,
            )
        except subprocess.TimeoutExpired:
            return "time"
        if done.returncode == 0:
            return ""
        if done.returncode < 0:
            return "time" if done.returncode == -signal.SIGXCPU else "signal"
        found = _FIRST_FAILED.search(done.stdout)
        return found.group(1) if found else "collection"

    def coverage(self) -> Lines:
        """Return, by file and line, the test files that run the line; "" where it is an import."""
        rcfile = self.where / ".mutants-coverage"
        rcfile.write_text(_RCFILE)
        argv = [sys.executable, "-m", "coverage"]
        for more in (
            ["run", f"--rcfile={rcfile}", "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS],
            ["json", f"--rcfile={rcfile}", "-q", "--show-contexts", "-o", "lines.json"],
        ):
            subprocess.run(
                [*argv, *more],
                cwd=self.where,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        report = json.loads((self.where / "lines.json").read_text())
        found: Lines = {}
        for path, entry in report["files"].items():
            found[Path(path).name] = {
                int(line): sorted({_test_file(context) for context in contexts})
                for line, contexts in entry["contexts"].items()
            }
        return found


def _limit_cpu() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX + 1))


def _test_file(context: str) -> str:
    found = _CONTEXT_FILE.match(context)
    return f"{TESTS}/{found.group(1)}.py" if found else ""


def judge(clone: Clone, file: str, mutant: Mutant, lines: Lines) -> Verdict:
    """Run the tests of a mutant: its own file's, those that run the line, then the room's."""
    own = f"{TESTS}/test_{file.removesuffix('.py')}.py"
    near = [name for name in lines.get(file, {}).get(mutant.line, []) if name and name != own]
    clone.write(file, mutant.source)
    by = ""
    for files in ([own], near, [TESTS]):
        there = [name for name in files if (clone.where / name).exists()]
        if there and not by:
            by = clone.test(there)
    return Verdict(file, mutant.line, mutant.before, mutant.after, bool(by), by)


def main(argv: Sequence[str]) -> int:
    """Draw, judge, print what lived on; 1 where something did."""
    parser = argparse.ArgumentParser(prog="tests.hsm.mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--file", default="", help="only files whose names hold this")
    parser.add_argument("--json", type=Path, help="one line of JSON a mutant; gone on with")
    arguments = parser.parse_args(argv)
    verdicts: list[Verdict] = []
    if arguments.json and arguments.json.exists():
        told = arguments.json.read_text().splitlines()
        verdicts = [Verdict(**json.loads(line)) for line in told]
    with tempfile.TemporaryDirectory() as directory:
        clone = Clone(Path(directory) / "clone")
        sources = {file: clone.read(file) for file in clone.files(arguments.file)}
        drawn = [(file, draw) for file, source in sources.items() for draw in mutants(source)]
        total = len(drawn)
        drawn = random.Random(arguments.seed).sample(drawn, min(arguments.count, total))
        lines = clone.coverage()
        for file, draw in drawn[len(verdicts) :]:
            verdict = judge(clone, file, draw(), lines)
            clone.write(file, sources[file])
            verdicts.append(verdict)
            text = json.dumps({name: getattr(verdict, name) for name in Verdict.__slots__})
            if arguments.json:
                with arguments.json.open("a") as out:
                    out.write(text + "\n")
            if not verdict.died:
                text = f"{file}:{verdict.line}  {verdict.before}  ->  {verdict.after}"
                sys.stdout.write(text + "\n")
    lived = Counter(verdict.file for verdict in verdicts if not verdict.died)
    died = sum(verdict.died for verdict in verdicts)
    summary = {
        "seed": arguments.seed,
        "of": total,
        "drawn": len(verdicts),
        "died": died,
        "lived": lived,
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
