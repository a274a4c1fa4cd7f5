"""Values of the back office: secrets are in no form of them, limits are those that are promised."""

from pointsman.store import console_rows
from pointsman.store.console_rows import UserRow


def test_no_secret_is_in_a_persons_form() -> None:
    user = UserRow(b"i", "ann", "Ann", "hash of it", b"sealed seed", 0, "active", 0, False, None)
    assert "hash of it" not in repr(user)
    assert "sealed seed" not in repr(user)


def test_sessions_and_locks_last_as_promised() -> None:
    assert console_rows.SESSION_IDLE_S == 15 * 60
    assert console_rows.SESSION_S_MAX == 12 * 3600
    assert (console_rows.FAILURES_MAX, console_rows.LOCK_S) == (10, 30 * 60)
