"""The MAC methods that a link's profile may name.

The algorithms are in ``mac``; what of a MAC stands on the wire is in ``macform``.
"""

from enum import Enum


class MacMethod(Enum):
    """A MAC as a link's profile names it: algorithm and what of it stands on the wire.

    Where the method gives eight raw bytes, a MAC of sixteen hex characters is understood as well.
    """

    CUP_ECB = "cup-ecb"  # DES or TDES by the key; eight hex characters
    CUP_ECB_SM4 = "cup-ecb-sm4"  # the same with SM4; eight hex characters
    CUP_ECB_SM4_RAW = "cup-ecb-sm4-raw"  # the same; the first eight raw bytes
    X9_9 = "x9.9"
    X9_9_SHORT = "x9.9-short"  # four bytes, the rest zeros
    X9_19 = "x9.19"
    X9_19_SHORT = "x9.19-short"
    CMAC = "cmac"  # AES or TDES by the key; the left eight bytes
    CBC_SM4 = "cbc-sm4"  # UnionPay network MAC: the first eight bytes

    __hash__ = object.__hash__  # an Enum's own is computed in Python, at every look into a table
