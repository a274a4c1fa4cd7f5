"""Every reading route, tried with what its description allows and with what it does not.

Schemathesis makes the requests of /openapi.json; skipped where it is not installed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from pointsman.console.app import make_office
from pointsman.console.rights import Role
from tests.browser.walking import Console
from tests.console.browser import EFFECTS, KEY, person

BESIDE = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "negative_data_rejection"),
)


@pytest.mark.skipif(BESIDE is None, reason="schemathesis is not installed")
def test_every_reading_route_answers_as_it_is_described(served: Console, tmp_path: Path) -> None:
    token = trio.run(_token, served.database)
    words = [
        *(str(BESIDE), "run", f"{served.address}/openapi.json"),
        *("--header", f"Cookie: pointsman_session={token}", "--include-method", "GET"),
        *("--exclude-path", "/v1/stream", "--exclude-path", "/metrics"),  # no JSON
        *("--phases", "coverage,fuzzing", "--max-examples", "8", "--checks", ",".join(CHECKS)),
        *("--workers", "2", "--seed", "1"),
    ]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


async def _token(url: str) -> str:
    office = make_office(url, KEY, EFFECTS, mode="demo")
    admin = await person(office, Role.PLATFORM_ADMIN)
    office.pool.close()
    return admin.cookies["pointsman_session"]
