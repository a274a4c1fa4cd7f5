"""Dialects by name: the one door to codecs for the rest of the house.

Loads a dialect's file when it is first asked for and keeps its codec for the life of the process,
so that compiled code is shared. The codec itself is engine.py.
"""

from functools import cache

from pointsman.codecs.engine import Codec, Encoded
from pointsman.codecs.message import Fields, Message
from pointsman.codecs.profile import load_spec
from pointsman.codecs.profiles import profile_names, read_profile
from pointsman.codecs.spec import Spec

__all__ = ["Codec", "Encoded", "Fields", "Message", "codec_names", "get_codec", "get_spec"]


def codec_names() -> tuple[str, ...]:
    """Return the names of the dialects that come with the package."""
    return profile_names()


@cache
def get_spec(name: str) -> Spec:
    """Return a dialect by name; raises KeyError with the names there are."""
    try:
        text = read_profile(name)
    except KeyError:
        raise KeyError(f"no dialect {name!r}; there are {', '.join(profile_names())}") from None
    return load_spec(text, f"{name}.toml", get_spec)


@cache
def get_codec(name: str) -> Codec:
    """Return the codec of a dialect by name; raises KeyError with the names there are."""
    return Codec(get_spec(name))
