"""A log line holds allow-listed fields and nothing else (log.py)."""

import ast
import io
import json
import sys
from pathlib import Path

import pytest
import structlog

from pointsman import log
from pointsman.log import ForbiddenFieldError


@pytest.fixture(autouse=True)
def _own_setup() -> object:
    """Leave no setup behind for other tests."""
    yield None
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_event_is_one_json_line_that_names_the_process(capfd: pytest.CaptureFixture[str]) -> None:
    log.setup("worker-0")
    log.get().info("link_up", link="alpha/0")
    line = json.loads(capfd.readouterr().err)
    assert (line["event"], line["process"], line["link"]) == ("link_up", "worker-0", "alpha/0")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("name", ["pan", "track2", "pin_block", "message", "exception", "key"])
def test_field_that_is_not_allowed_raises_and_prints_nothing(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    log.setup("worker-0")
    with pytest.raises(ForbiddenFieldError, match=name):
        log.get().info("sale", **{name: "4111"})
    assert "4111" not in "".join(capfd.readouterr())


def test_quiet_log_tells_warnings_only(capfd: pytest.CaptureFixture[str]) -> None:
    log.setup("cli", quiet=True)
    log.get().info("link_up")
    log.get().warning("link_down")
    assert [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()] == [
        "link_down"
    ]


def test_log_follows_standard_error_where_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    # A test once left a setup behind whose standard error was closed: every later line raised.
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log.setup("cli")
    monkeypatch.setattr(sys, "stderr", second)
    first.close()
    log.get().warning("link_down")
    assert json.loads(second.getvalue())["event"] == "link_down"


def test_every_call_in_the_package_names_allowed_fields() -> None:
    wrong = [
        f"{path.name}:{call.lineno} {keyword.arg}"
        for path in Path(log.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"debug", "info", "warning", "error", "critical", "exception"}
        for keyword in call.keywords
        if keyword.arg is not None and keyword.arg not in log.ALLOWED
    ]
    assert wrong == []
