"""Bytes to fields and back: framing, dialects, private fields, and how all that explains itself.

This room knows no meaning (that fields 4 and 49 make an amount is said in switch/requests) and no
socket. The way in is codec.get_codec for a dialect and framing.get_framing for a connection.
"""
