"""The routes of reports, statistics, exports and the live stream, with the right each needs.

Merged into routes.py; what they do is in api_reports.py (the API) and pages_reports.py (the pages).
An export has the right of its list.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import LIST, Row, row
from pointsman.reports.period import PARAMETERS

V, M = Verb.VIEW, Verb.MANAGE
R = Resource
FILE = ("format", "bom")
PAYMENT_FILTERS = ("q", "state", "kind", "mid", "tid", "acquirer", "business_date", "response_code")

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/reports", R.REPORTS, V),
    row("GET", "/v1/reports/{report}", R.REPORTS, V),
    row("GET", "/v1/reports/{report}/result", R.REPORTS, V, *PARAMETERS),
    row("GET", "/v1/statistics", R.REPORTS, V, *PARAMETERS),
    row("GET", "/v1/report_runs", R.REPORTS, V, *LIST),
    row("POST", "/v1/report_runs", R.REPORTS, M),
    row("GET", "/v1/report_runs/{run_id}", R.REPORTS, V),
    row("GET", "/v1/report_runs/{run_id}/file", R.REPORTS, V),
    row("GET", "/v1/stream", R.TRANSACTIONS, V, "topics"),
    row("GET", "/live", R.TRANSACTIONS, V),
    row("GET", "/reports", R.REPORTS, V),
    row("GET", "/reports/{report}", R.REPORTS, V, *PARAMETERS),
    row("GET", "/reports/{report}/file", R.REPORTS, V, *PARAMETERS, *FILE),
    row("GET", "/report_runs", R.REPORTS, V, *LIST),
    row("GET", "/report_runs/{run_id}", R.REPORTS, V),
    row("GET", "/statistics", R.REPORTS, V, *PARAMETERS),
    row("GET", "/export/payments", R.TRANSACTIONS, V, *PAYMENT_FILTERS, *FILE),
    row("GET", "/export/merchants", R.MERCHANTS, V, *FILE),
    row("GET", "/export/terminals", R.TERMINALS, V, "mid", *FILE),
    row("GET", "/export/batches", R.TRANSACTIONS, V, "mid", "state", *FILE),
    row("GET", "/export/settlement", R.SETTLEMENT, V, *FILE),
    row("GET", "/export/links", R.LINKS, V, *FILE),
    row("GET", "/export/users", R.USERS, V, *FILE),
    row("GET", "/export/audit", R.AUDIT, V, *FILE),
)
