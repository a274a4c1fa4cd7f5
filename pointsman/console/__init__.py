"""The back office: people, their rights, the public API and the pages that use its functions.

It runs in its own process with its own database connections; no sale waits for it.
"""
