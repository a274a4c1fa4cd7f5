"""The routes of reports, statistics, exports and the live stream, with the right each needs.

Merged into routes.py; what they do is in reporting.py, exports.py and stream.py.
"""

from pointsman.console.row import Row

ROWS: tuple[Row, ...] = ()
