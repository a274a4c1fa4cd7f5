"""Measurements: what the parts cost on this machine, one module for each room.

``python -m bench NAME --json`` runs bench/NAME.py; nothing here is imported by the product.
"""
