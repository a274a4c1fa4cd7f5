"""Load for the switch: terminals that only send and count, acquirers that only answer.

Processes of their own, started by bench/switch.py; they keep no ledger and check no MAC, so that
their cost stays small beside the switch's.
"""
