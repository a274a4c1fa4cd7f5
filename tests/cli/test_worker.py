"""``pointsman worker``: what it must be given; what it does is tests/switch/test_worker.py."""

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit


@pytest.mark.parametrize("missing", ["--number", "--control-fd"])
def test_without_number_or_control_socket_it_is_a_usage_error(
    missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"--number": "0", "--control-fd": "99"}
    words = [word for name, value in given.items() if name != missing for word in (name, value)]
    with pytest.raises(SystemExit) as ended:
        main(["worker", *words])
    assert ended.value.code == Exit.USAGE
    assert missing in capsys.readouterr().err
