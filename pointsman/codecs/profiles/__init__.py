"""The dialects that come with Pointsman, one TOML file each, and the reading of their text.

The one place of this room that touches files; what the text means is profile.py's.
docs/dialects.md teaches to write one.
"""

from functools import cache
from importlib.resources import files


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the dialects that come with the package."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def read_profile(name: str) -> str:
    """Return the text of a dialect's file; raises KeyError where there is none."""
    if name not in profile_names():
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
