"""The whole house in one process by a seed: real switch, simulated world, an independent referee.

Start with world.py (a run), plan.py (what a seed draws), referee.py (what must be true).
docs/simulation.md tells how to repeat a seed.
"""
