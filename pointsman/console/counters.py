"""What the console counts, served by itself at /metrics; labels are closed sets.

No merchant, terminal, user or free text is ever a label. Counting is done in frame.py and gate.py.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)


class ConsoleMetrics:
    """The families of the service and of safety."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "pointsman_http_requests_total",
            "Requests answered, by route and class of status.",
            ("route", "status_class"),
            registry=registry,
        )
        self.duration = Histogram(
            "pointsman_http_request_duration_seconds",
            "From the request's head to the answer's last byte, by route.",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.rate_limited = Counter(
            "pointsman_http_rate_limited_total",
            "Requests refused because there were too many, by policy.",
            ("policy",),
            registry=registry,
        )
        self.logins = Counter(
            "pointsman_logins_total", "Sign-ins by result.", ("result",), registry=registry
        )
        self.denied = Counter(
            "pointsman_permission_denied_total",
            "Requests without the right, by resource.",
            ("resource",),
            registry=registry,
        )
        self.audit_breaks = Counter(
            "pointsman_audit_chain_breaks_total",
            "Breaks found in the audit trail's chain.",
            registry=registry,
        )
        self.audit_verified = Gauge(
            "pointsman_audit_last_verified_timestamp_seconds",
            "When the audit trail was last followed from its beginning.",
            registry=registry,
        )
        self.stream_readers = Gauge(
            "pointsman_stream_subscribers", "Live streams that are open.", registry=registry
        )
        self.stream_lagged = Counter(
            "pointsman_stream_lagged_total",
            "Times that a reader of the stream was too slow and lost events.",
            registry=registry,
        )
        self.terminals = Gauge(
            "pointsman_terminals",
            "Terminals of the platform by state, which follows from the age of their last message.",
            ("state",),
            registry=registry,
        )
        self.batches = Gauge(
            "pointsman_batches",
            "Terminal batches that are open or closing, or closed within a day with other totals.",
            ("state",),
            registry=registry,
        )
        self.projection_lag = Gauge(
            "pointsman_projection_lag_seconds",
            "For how long figures are missing that should have been made.",
            ("projection",),
            registry=registry,
        )
        self.approvals = Gauge(
            "pointsman_approvals_pending",
            "Decisions that wait for a second person.",
            ("kind",),
            registry=registry,
        )
        self.approvals_age = Gauge(
            "pointsman_approvals_oldest_age_seconds",
            "For how long the oldest of them has waited; 0 where none does.",
            registry=registry,
        )
        self.report_runs = Counter(
            "pointsman_report_runs_total",
            "Runs of reports and long exports, by result.",
            ("result",),
            registry=registry,
        )
        for result in ("done", "failed"):
            self.report_runs.labels(result)
        for result in ("done", "refused"):
            self.logins.labels(result)
        for policy in ("api", "sign_in"):
            self.rate_limited.labels(policy)
