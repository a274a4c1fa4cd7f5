"""The routes of reports, exports, the live stream, jobs and reconciliations, with their rights.

Merged into routes.py; what they do is in api_reports.py, api_work.py and pages_reports.py.
An export has the right of its list.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import Row, asked, one, row, told
from pointsman.reports.period import PARAMETERS

V, M = Verb.VIEW, Verb.MANAGE
R = Resource
FILE = ("format", "bom")

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/reports", R.REPORTS, V),
    row("GET", "/v1/reports/{report}", R.REPORTS, V),
    row("GET", "/v1/reports/{report}/result", R.REPORTS, V, *PARAMETERS),
    row("GET", "/v1/statistics", R.REPORTS, V, *PARAMETERS),
    row("GET", "/v1/report_runs", R.REPORTS, V, *told("report_runs")),
    row("POST", "/v1/report_runs", R.REPORTS, M),
    row("GET", "/v1/report_runs/{run_id}", R.REPORTS, V),
    row("GET", "/v1/report_runs/{run_id}/file", R.REPORTS, V),
    row("GET", "/v1/jobs", R.REPORTS, V, *told("jobs")),
    row("GET", "/v1/jobs/{job_id}", R.REPORTS, V, *one()),
    row("GET", "/v1/reconciliations", R.RECONCILIATION, V, *told("reconciliations")),
    row(
        "GET",
        "/v1/reconciliations/{acquirer}/{settlement_date}/{currency}",
        R.RECONCILIATION,
        V,
        *one(),
    ),
    row("GET", "/v1/stream", R.TRANSACTIONS, V, "topics", "mid", "outlet"),
    row("GET", "/live", R.TRANSACTIONS, V),
    row("GET", "/reports", R.REPORTS, V),
    row("GET", "/reports/{report}", R.REPORTS, V, *PARAMETERS),
    row("GET", "/reports/{report}/file", R.REPORTS, V, *PARAMETERS, *FILE),
    row("GET", "/report_runs", R.REPORTS, V, *asked("report_runs")),
    row("GET", "/report_runs/{run_id}", R.REPORTS, V),
    row("GET", "/statistics", R.REPORTS, V, *PARAMETERS),
    row("GET", "/export/payments", R.TRANSACTIONS, V, *asked("payments"), *FILE),
    row("GET", "/export/keys", R.USERS, V, *asked("api_keys"), *FILE),
    row("GET", "/export/approvals", R.REFUNDS, V, *asked("approvals"), *FILE),
    row("GET", "/export/applications", R.MERCHANTS, V, *asked("applications"), *FILE),
    row("POST", "/export/payments", R.TRANSACTIONS, V),
    row("POST", "/export/keys", R.USERS, V),
    row("POST", "/export/approvals", R.REFUNDS, V),
    row("POST", "/export/applications", R.MERCHANTS, V),
    row("POST", "/export/report_runs", R.REPORTS, V),
    row("POST", "/export/outbox", R.USERS, M),
    row("POST", "/export/exceptions", R.TRANSACTIONS, V),
    row("POST", "/export/acquirers", R.LINKS, V),
    row("POST", "/export/merchants", R.MERCHANTS, V),
    row("POST", "/export/settlement", R.SETTLEMENT, V),
    row("POST", "/export/users", R.USERS, V),
    row("POST", "/export/audit", R.AUDIT, V),
    row("GET", "/export/merchants", R.MERCHANTS, V, *asked("merchants"), *FILE),
    row("GET", "/export/terminals", R.TERMINALS, V, *asked("terminals"), *FILE),
    row("GET", "/export/batches", R.TRANSACTIONS, V, *asked("batches"), *FILE),
    row("GET", "/export/settlement", R.SETTLEMENT, V, *asked("settlement_cycles"), *FILE),
    row("GET", "/export/links", R.LINKS, V, *asked("links"), *FILE),
    row("GET", "/export/acquirers", R.LINKS, V, *asked("acquirers"), *FILE),
    row("GET", "/export/exceptions", R.TRANSACTIONS, V, *asked("exceptions"), *FILE),
    row("GET", "/export/outbox", R.USERS, M, *asked("outbox"), *FILE),
    row("GET", "/export/report_runs", R.REPORTS, V, *asked("report_runs"), *FILE),
    row("GET", "/export/users", R.USERS, V, *asked("users"), *FILE),
    row("GET", "/export/audit", R.AUDIT, V, *asked("audit_events"), *FILE),
)
