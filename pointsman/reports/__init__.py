"""Reports: one definition of each figure and each report, shared by console, API and command line.

Cores say what is counted and how it is written (measures, catalogue, period, manifest, as_csv,
as_xlsx, as_pdf), one shell reads and makes (making). The rows come from store/console_figures.py.
"""
