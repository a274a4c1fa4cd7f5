"""Which dialect a terminal's frame is in: by what stands around it and by its message type.

A core. Wallet messages (types 10xx) come on the same listener as the others; frames without the
6-byte header are the international dialect's. Bytes are the codec's, meaning is reading.py's.
"""

from typing import Final

from pointsman.codecs.codec import Codec, get_codec
from pointsman.codecs.framing import Envelope

POS: Final = "cup-bcd"
WALLET: Final = "cup-wallet-1xxx"
NII: Final = "nii-bcd"
_WALLET_CLASS: Final = b"\x10"  # the first two digits of a wallet message's type

_POS_CODEC: Final = get_codec(POS)
_WALLET_CODEC: Final = get_codec(WALLET)
NII_CODEC: Final = get_codec(NII)


def codec_of(envelope: Envelope) -> Codec:
    """Return the codec that reads what is in this envelope, and writes its answer."""
    if not envelope.header:
        return NII_CODEC
    return _WALLET_CODEC if envelope.body[:1] == _WALLET_CLASS else _POS_CODEC
