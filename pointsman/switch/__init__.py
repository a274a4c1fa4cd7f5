"""The switch: a terminal's message in, an acquirer's answer out, and the journal between them.

Cores decide (conductor, transaction, inflight, session, reversals, hosts), shells wait and move
bytes (worker, terminals, acquirers, wire, owed, numbers, supervisor). The wings below know nothing
of each other; here they meet.
"""
