"""Which acquirer gets a payment, and why: card ranges, wallets, rules, contracts.

Plain functions over plain values. Knows nothing of messages, sockets, keys or the database; the
site it reads is anything that looks like `table.Site`.
"""
