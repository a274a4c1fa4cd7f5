"""The rules of the house, held by a test: who may import whom, what a core may touch, what a file
opens with, that each module has its test, and that the repository speaks of the product alone.

The rules themselves are told in README.md and docs/decisions/0001. Exceptions stand here by name.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pointsman"

GROUND = {
    *("money", "effects", "log", "metrics", "metric_families", "config", "directory", "handover"),
    "sections",
}
WINGS = {"codecs", "hsm", "routing", "store"}

# Downwards only; a room may always import itself. The wings know nothing of each other.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "money": set(),
    "effects": set(),
    "log": set(),
    "metric_families": set(),
    "metrics": {"metric_families"},
    "config": {"sections"},
    "sections": set(),
    "directory": set(),
    "handover": set(),
    "codecs": set(),
    "hsm": {"effects", "log"},
    "routing": {"money"},
    "store": {"money", "effects", "log", "metrics"},
    "site": {"money", *WINGS},
    "settlement": {"money", "effects", "log", "metrics", "store"},
    "reports": {"money", "effects", "log", "metrics", "store", "settlement"},
    "switch": GROUND | WINGS | {"site", "settlement"},
    "console": GROUND | WINGS | {"site", "settlement", "reports"},
    # The simulators are witnesses: what they know of a sale they know from the wire alone.
    "sim": {"money", "effects", "directory", "codecs", "hsm"},
    # The demo's past: the switch's own code, with the words of the simulated terminals.
    "history": GROUND | WINGS | {"settlement", "switch", "sim"},
    # The simulated world holds the whole switch in one process.
    "sim/world": GROUND | WINGS | {"site", "settlement", "switch", "sim"},
    "cli": GROUND
    | WINGS
    | {"site", "settlement", "reports", "switch", "console", "sim", "history"},
    "__main__": {"cli"},
}
MAY_IMPORT_MORE: dict[str, set[str]] = {
    "sim/demo.py": {"store"},  # shows the last sales; the counts that are compared do not use it
}

WORLD = {
    *("trio", "socket", "ssl", "psycopg", "time", "threading", "random", "secrets", "asyncio"),
    *("subprocess", "select", "selectors", "multiprocessing", "http", "urllib", "uuid"),
    *("fcntl", "ctypes", "resource", "shutil"),
}
WORLD_CALLS = {"open", "input", "print"}

# The shells, by room: what waits and moves bytes. All else is a core and touches no world.
# Every module of the command line is a shell: it prints, and reads files and the environment.
SHELLS: dict[str, set[str]] = {
    "": {"__main__", "effects", "log"},
    "console": {
        *(
            "acting",
            "api",
            "api_acts",
            "app",
            "changing",
            "api_reports",
            "api_stream",
            "background",
            "demo_people",
            "wire",
            "exports",
            "failing",
            "files",
            "pages_reports",
            "reporting",
            "doors",
            "frame",
            "gate",
            "keyfile",
            "office",
            "pages",
            "pages_acts",
            "passwords",
        ),
        *("keymaking", "onboarding", "once", "places", "sheet"),
        *("api_money", "approving", "pages_money", "refunding", "workers"),
        *("api_people", "applying", "enrolling", "keyring", "staffing"),
        *("pages_bulk", "pages_joining", "pages_parking", "pages_people", "pages_scope", "parking"),
        *(
            "reading",
            "searching",
            "service",
            "signing",
            "lists",
            "expanding",
            "granting",
            "demo_approval",
        ),
        *("api_work", "gauging", "http1", "reconciled"),
        *("api_policies", "api_tools", "blacklisting", "policies", "seconding"),
        *("lamps", "mailing", "own", "pages_own", "pages_policies", "pages_watch", "watching"),
    },
    "hsm": {
        *("client", "devicekeys", "hostlink", "listener", "payshield", "process", "selftest"),
        *("server", "storage"),
    },
    "history": {"clock", "day_files", "filling", "gathered", "making", "numbering", "tills"},
    "reports": {"making"},
    "settlement": {"closing", "disk"},
    "sim": {
        *("acquirer", "commands", "demo", "demo_processes", "demo_world", "fetching", "fleet"),
        *("copies", "hostile", "nii_settling", "ordering"),
        *("ledger", "live", "settling", "smoke", "terminal", "terminal_link", "terminal_session"),
    },
    "store": {
        *("console_people", "console_people_acts", "console_pool", "console_reads"),
        *("console_approvals", "console_once", "console_places", "console_refunds"),
        *("console_applications", "console_exceptions", "console_staff", "console_lists"),
        "own_parties",
        *("console_browsers", "console_gauges", "console_mail", "console_own"),
        *("console_figures", "console_runs", "console_tail", "hsm_sql"),
        *("console_ledger", "console_policies"),
        *("arrays", "binaries", "connection", "journal", "journal_session", "leases_sql"),
        *("memory_records",),
        *("memory_server", "memory_session", "memory_settlement"),
        *(
            "migrate",
            "owed_sql",
            "parked_sql",
            "reconciliations_sql",
            "parties_sql",
            "pool",
            "records_sql",
            "server",
            "settlement_sql",
        ),
        *("terminals_sql", "upkeep_sql", "watch_sql"),
    },
    "switch": {
        *("acquirers", "attempts", "child", "clerk", "connection", "database_child", "dialler"),
        *("answering", "gathering", "niidesk", "orderdesk", "orderkeeper", "ownseal"),
        *("confirming", "hostasking", "reconciler"),
        "zonekeys",
        *(
            "errands",
            "hostseal",
            "hsmbackend",
            "hsmcounters",
            "linkpump",
            "linkset",
            "listeners",
            "lock",
            "logfiles",
        ),
        *("hsmwatch", "lookups", "notices", "numbers", "owed", "roster", "sessionlease", "spawn"),
        *("supervisor", "switchboard"),
        *("officeline", "refunddesk", "systemd", "terminals", "wire", "worker"),
    },
}
SHELL_ROOMS = {"cli", "sim/world"}

# A core may name the type of a shell that it is given as an object and only calls, never awaits.
GIVEN: dict[str, set[str]] = {
    "switch/conductor.py": {"pointsman.switch.lookups"},
    "switch/inquiries.py": {"pointsman.switch.lookups"},
    "switch/reception.py": {"pointsman.switch.lookups"},
    "switch/seats.py": {"pointsman.switch.lookups"},
}

# Two lists that only shrink: see the file.
EXCEPTIONS = tomllib.loads((ROOT / "tests" / "data" / "house.toml").read_text("utf-8"))

# Modules that are tested through others of their room and have no test of their own name yet.
UNTESTED: dict[str, list[str]] = EXCEPTIONS["untested"]

FORBIDDEN_FILE_NAMES = {"utils", "helpers", "common", "misc", "util", "helper"}

LINES_MAX = 250
# Files that outgrew it, with the most they may have: each waits for its second subject to be found.
LONGER: dict[str, int] = EXCEPTIONS["longer"]


@cache
def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    """Return the room: the folder, or the name of a module that stands beside the rooms."""
    parts = path.relative_to(PACKAGE).parts
    if parts[:2] == ("sim", "world"):
        return "sim/world"
    return parts[0].removesuffix(".py")


def names_in(table: Mapping[str, Iterable[str]]) -> set[str]:
    return {
        f"{room}/{stem}.py".removeprefix("/") for room, stems in table.items() for stem in stems
    }


def untested() -> set[str]:
    return names_in(UNTESTED)


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def own_test_of(path: Path) -> Path:
    """Return where the test of a module has to be."""
    relative = path.relative_to(PACKAGE)
    return ROOT / "tests" / relative.parent / f"test_{path.stem}.py"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield every imported name in full, those inside functions, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(tree: ast.Module) -> set[str]:
    parts = [name.split(".") for name in imports(tree)]
    return {part[1] for part in parts if part[0] == "pointsman" and len(part) > 1} - {"__version__"}


def world_imported(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in imports(tree)} & WORLD


def is_shell(path: Path) -> bool:
    folder = path.relative_to(PACKAGE).parent.as_posix().removeprefix(".")
    return room_of(path) in SHELL_ROOMS or path.stem in SHELLS.get(folder, set())


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_point_down_only(path: Path) -> None:
    room = room_of(path)
    allowed = MAY_IMPORT[room] | MAY_IMPORT_MORE.get(name_of(path), set()) | {room.split("/")[0]}
    assert rooms_imported(tree_of(path)) <= allowed


# A shell may import cores. A core that imports a shell waits or moves bytes through it.
def test_no_core_imports_a_shell() -> None:
    shells = {
        "pointsman." + name_of(path).removesuffix(".py").replace("/", ".")
        for path in modules()
        if is_shell(path) and path.name != "__init__.py"
    }
    # Named in a core as a type of what it is given; its default is the caller's choice.
    shells -= {"pointsman.effects", "pointsman.log"}
    broken = {
        f"{name_of(path)} imports {module}"
        for path in modules()
        if not is_shell(path)
        for name in imports(tree_of(path))
        for module in (name, name.rpartition(".")[0])
        if module in shells - GIVEN.get(name_of(path), set())
    }
    assert broken == set()


@pytest.mark.parametrize("path", [p for p in modules() if not is_shell(p)], ids=name_of)
def test_core_touches_no_world(path: Path) -> None:
    assert world_imported(tree_of(path)) == set()
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        assert called not in WORLD_CALLS, f"line {node.lineno} calls {called}"
        assert not re.search(r"datetime\.(now|utcnow|today)$|date\.today$", called), called
        assert not re.search(r"^os\.(open|urandom|environ)|getenv$", called), called


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_module_opens_with_what_lives_here(path: Path) -> None:
    text = ast.get_docstring(tree_of(path), clean=False)
    assert text, "no docstring"
    lines = len(text.strip().splitlines())
    if path.name == "__init__.py":
        assert lines <= 6
    else:
        assert 3 <= lines <= 6


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_file_has_one_subject(path: Path) -> None:
    assert path.stem not in FORBIDDEN_FILE_NAMES
    assert line_count(path) <= LONGER.get(name_of(path), LINES_MAX)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_module_has_its_test(path: Path) -> None:
    if path.name in {"__init__.py", "__main__.py"} or name_of(path) in untested():
        return
    assert own_test_of(path).exists(), f"{own_test_of(path).relative_to(ROOT)} is missing"


def test_exceptions_are_still_needed() -> None:
    names = {name_of(path) for path in modules()}
    listed = names_in(SHELLS) | set(MAY_IMPORT_MORE) | set(GIVEN)
    assert listed - names == set(), "these are no modules"
    short = {name for name in LONGER if name in names and line_count(PACKAGE / name) <= LINES_MAX}
    assert short == set(), "these are no longer too long"
    tested = {name for name in untested() if own_test_of(PACKAGE / name).exists()}
    assert tested == set(), "these have their test now"


def test_rules_fail_where_they_are_broken() -> None:
    """A rule that was never seen to fail is no rule: planted code breaks each."""
    broken = ast.parse("import pointsman.switch.worker\nfrom trio import sleep\nopen('x')\n")
    assert rooms_imported(broken) == {"switch"}
    assert not rooms_imported(broken) <= MAY_IMPORT["store"]
    assert world_imported(broken) == {"trio"}
