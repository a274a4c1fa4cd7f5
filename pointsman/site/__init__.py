"""The site file: merchants, terminals, acquirers and routes as an operator writes them (TOML).

file.py reads the text into values or into all its errors, plan.py compares them with what is stored
and names every change. Nothing here waits or touches a file; cli/site.py does, and asks the HSM to
turn laboratory keys into key blocks.
"""
