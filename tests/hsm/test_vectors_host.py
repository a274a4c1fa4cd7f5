"""The vector operations in vectors_host: all are known to the self-test, none under two names."""

from pointsman.hsm.selftest import KNOWN
from pointsman.hsm.vectors_host import HOST_OPERATIONS as OPERATIONS


def test_operations_are_in_the_self_test() -> None:
    assert OPERATIONS
    assert len(set(OPERATIONS)) == len(OPERATIONS)
    assert all(KNOWN[name] is run for name, run in OPERATIONS.items())
