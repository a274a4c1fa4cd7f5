"""Simulated terminals and acquirers, the audit of their ledgers, and the demo that runs them.

They are witnesses of their own: they use the codecs and the HSM room's pure functions, nothing
of the switch, the store or the settlement. Only the demo looks into the running house.
"""
