"""The key file: made once, private, refused when others may read it or it is no key."""

from pathlib import Path

import pytest

from pointsman.console import keyfile
from pointsman.effects import Effects


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = keyfile.load(tmp_path, Effects())
    assert keyfile.load(tmp_path, Effects()) == key
    assert (tmp_path / keyfile.NAME).stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    keyfile.load(tmp_path, Effects())
    path = tmp_path / keyfile.NAME
    path.chmod(0o644)
    with pytest.raises(keyfile.KeyFileError, match="chmod 600"):
        keyfile.load(tmp_path, Effects())
    path.chmod(0o600)
    path.write_text("00" * 31)
    with pytest.raises(keyfile.KeyFileError, match="does not hold 32 bytes"):
        keyfile.load(tmp_path, Effects())
    with pytest.raises(keyfile.KeyFileError, match="cannot make"):
        keyfile.load(tmp_path / "none", Effects())
