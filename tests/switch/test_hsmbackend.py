"""Which HSM the settings ask for."""

import pytest

from pointsman import config
from pointsman.config import ConfigError
from pointsman.hsm.client import HsmClient
from pointsman.hsm.payshield import PayshieldClient
from pointsman.switch.hsmbackend import hsm_client


def test_hardware_is_used_where_the_settings_name_it() -> None:
    assert type(hsm_client(config.Hsm(), "x")) is HsmClient
    text = "[hsm]\nbackend = 'payshield'\nhost = 'h'\nlmk = 'key-block'\nlmk_id = 0\n"
    settings = config.parse(text, {}).hsm
    assert isinstance(hsm_client(settings, "x", role="operator"), PayshieldClient)
    given = {"POINTSMAN_HSM_BACKEND": "payshield", "POINTSMAN_HSM_HOST": "h"}
    assert config.parse("", given).hsm.port == 1500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("backend = 'payshield'", "needs hsm.host"),
        ("backend = 'payshield'\nhost = 'h'\nport = 0", "needs hsm.host"),
        ("backend = 'payshield'\nhost = 'h'\nlmk = 'key-block'", "number of the LMK"),
        ("host = 'h'", "backend payshield alone"),
        ("backend = 'thales'", "backend"),
        ("header_size = 1", "header_size"),
    ],
)
def test_settings_that_cannot_be_are_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config.parse(f"[hsm]\n{text}\n", {})
