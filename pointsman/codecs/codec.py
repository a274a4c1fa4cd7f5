"""Dialects by name: the one door to codecs for the rest of the house.

Loads a dialect when it is first asked for and keeps its codec for the life of the process, so that
compiled code is shared. An operator's own dialects are added once, before they are asked for. The
codec itself is engine.py.
"""

from typing import Final

from pointsman.codecs.engine import Codec, Encoded
from pointsman.codecs.errors import SpecError
from pointsman.codecs.message import Fields, Message
from pointsman.codecs.profile import load_spec
from pointsman.codecs.profiles import profile_names, read_profile
from pointsman.codecs.spec import Spec

__all__ = [
    "Codec",
    "Encoded",
    "Fields",
    "Message",
    "add_dialect",
    "codec_names",
    "get_codec",
    "get_spec",
]
OWN_MAX: Final = 256  # dialects an installation may add

_specs: dict[str, Spec] = {}
_codecs: dict[str, Codec] = {}
_own: dict[str, Spec] = {}


def codec_names() -> tuple[str, ...]:
    """Return the names of all dialects, those of the package first."""
    return profile_names() + tuple(_own)


def add_dialect(text: str, path: str) -> Spec:
    """Add an operator's dialect from the text of its file; raises SpecError.

    Its name must be new, so that no file can change what a shipped dialect means; a variant of a
    dialect added before is possible.
    """
    spec = load_spec(text, path, get_spec)
    if spec.name in codec_names() or len(_own) == OWN_MAX:
        raise SpecError(f"there is a dialect {spec.name!r}, or too many", path=path, line=1)
    _own[spec.name] = spec
    return spec


def get_spec(name: str) -> Spec:
    """Return a dialect by name; raises KeyError with the names there are."""
    spec = _specs.get(name) or _own.get(name)
    if spec is None:
        try:
            text = read_profile(name)
        except KeyError:
            raise KeyError(f"no dialect {name!r}; there are {', '.join(codec_names())}") from None
        spec = _specs[name] = load_spec(text, f"{name}.toml", get_spec)
    return spec


def get_codec(name: str) -> Codec:
    """Return the codec of a dialect by name; raises KeyError with the names there are."""
    codec = _codecs.get(name)
    if codec is None:
        codec = _codecs[name] = Codec(get_spec(name))
    return codec
