"""The HSM: the only room where clear keys and PINs exist, in a process of its own.

``commands`` says what may be asked; ``client`` asks it; ``engine`` does it. What a message or a
sale means is not known here: that is ``codecs`` and ``switch``.
"""
