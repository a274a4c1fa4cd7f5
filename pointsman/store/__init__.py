"""What is remembered: the journal of transactions and the registry of parties, in PostgreSQL.

Callers see records.py and parties.py (the vocabulary) and verbs.py (what can be written and asked;
a write is done, failed or unknown). Knows nothing of messages, sockets to peers, keys or routes.
"""
