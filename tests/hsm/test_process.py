"""What the kernel grants an HSM process, tried in a child so that this one stays as it is."""

import json
import subprocess
import sys

from pointsman.hsm.process import Hardened

SCRIPT = """
import json, resource, pathlib
from pointsman.hsm.process import harden
granted = harden(lock_memory=False)
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps({
    "granted": [granted.not_dumpable, granted.no_core, granted.memory_locked],
    "missing": granted.missing,
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "no_new_privileges": "NoNewPrivs:\\t1" in status,
}))
"""


def test_process_asks_for_all_and_tells_what_it_got() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, check=True, timeout=30
    )
    told = json.loads(done.stdout)
    assert told == {
        "granted": [True, True, False],
        "missing": ["memory locked"],
        "core": [0, 0],
        "no_new_privileges": True,
    }


def test_missing_is_told_in_words() -> None:
    assert Hardened(True, True, True).missing == []
    assert Hardened(False, False, False).missing == [
        "not dumpable",
        "no core files",
        "memory locked",
    ]
