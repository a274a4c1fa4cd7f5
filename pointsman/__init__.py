"""Pointsman: an ISO 8583 acquiring switch.

Terminals come in over TCP, payments go out to the acquirer of their merchant, every step is
journaled before the next one is taken. The rooms of the house and the way of one sale through
them are drawn in README.md; which room may import which is held by tests/test_house.py.
"""

__version__ = "0.1.0"
