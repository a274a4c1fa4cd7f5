"""Field 60.3: the codes of messages that move no money (terminal-protocol 4).

Values only. What such a message means is read in reading.py, who answers it is errands.py; messages
that move money are the table in flows.py.
"""

from enum import StrEnum


class Network(StrEnum):
    """One code of field 60.3, by what it asks for."""

    SIGN_IN_SINGLE = "001"
    SIGN_OFF = "002"
    SIGN_IN_DOUBLE = "003"
    SIGN_IN_TRACK = "004"
    ECHO = "301"
    POINTS_CASHIER = "401"
    SETTLE = "201"
    UPLOAD = "201"
    END_UNBALANCED = "202"
    END_BALANCED = "207"
    SCRIPT_RESULT = "951"


SIGN_IN_CODES = frozenset({Network.SIGN_IN_SINGLE, Network.SIGN_IN_DOUBLE, Network.SIGN_IN_TRACK})
END_CODES = frozenset({Network.END_UNBALANCED, Network.END_BALANCED})
UPLOAD_CODES = frozenset({"201", "203", "204", "205", "206"})
