"""Acts of the command line: in whose name, tried without a trace, and what a problem exits with."""

import argparse
import io

import pytest

from pointsman.cli.asking import add_act_options, exit_of, in_the_name_of, is_meant, tried
from pointsman.cli.options import Exit
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Resource, Role, Verb
from pointsman.store.console_pool import Act
from tests.console.browser import furnished, person
from tests.store.house import MID


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_act_options(parser)
    return parser.parse_args(words)


def test_whoever_sits_at_a_terminal_is_asked_and_a_program_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for typed, meant in (("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False)):
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        assert is_meant(asked(), "suspend") is meant
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert is_meant(asked("--yes"), "suspend")
    assert is_meant(asked("--dry-run"), "suspend")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert is_meant(asked(), "suspend")


async def test_a_trial_leaves_nothing_and_a_person_has_their_own_rights(database: str) -> None:
    office = await furnished(database)
    await person(office, Role.MERCHANT_OWNER)
    login = await office.pool.value("select login from users")
    ask = await in_the_name_of(office, login, Resource.SETTINGS, Verb.MANAGE)
    assert (ask.caller.name, ask.mids) == (login, [MID])
    for who, resource, code in (
        (login, Resource.KEYS, Code.PERMISSION_DENIED),
        ("nobody", Resource.SETTINGS, Code.NOT_FOUND),
    ):
        with pytest.raises(Problem) as raised:
            await in_the_name_of(office, who, resource, Verb.MANAGE)
        assert raised.value.code is code

    async def work(act: Act) -> int:
        await act.audit(ask.entry("outlets:change", "outlet", "x"))
        return 7

    assert await tried(office, work, dry_run=True) == 7
    assert await office.reads.audit_count() == 0
    assert await tried(office, work, dry_run=False) == 7
    assert await office.reads.audit_count() == 1


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (Code.NOT_FOUND, Exit.NOT_FOUND),
        (Code.EXPORT_EXPIRED, Exit.NOT_FOUND),
        (Code.STATE_CONFLICT, Exit.CONFLICT),
        (Code.ETAG_MISMATCH, Exit.CONFLICT),
        (Code.PERMISSION_DENIED, Exit.NOT_ALLOWED),
        (Code.STEP_UP_REQUIRED, Exit.NOT_ALLOWED),
        (Code.SELF_APPROVAL, Exit.NOT_ALLOWED),
        (Code.JOURNAL_UNAVAILABLE, Exit.UNAVAILABLE),
        (Code.OUTCOME_UNKNOWN, Exit.UNAVAILABLE),
        (Code.UNKNOWN_PARAMETER, Exit.USAGE),
        (Code.VALIDATION_FAILED, Exit.USAGE),
        (Code.INTERNAL, Exit.FAILED),
    ],
)
def test_a_problem_of_the_api_has_its_exit_code(code: Code, wanted: Exit) -> None:
    assert exit_of(Problem(code)) is wanted
