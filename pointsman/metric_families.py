"""The table of metrics: each one's name, kind, labels, help text and buckets, said once.

Values only. The classes that make them, one a kind of process, are in metrics.py; the rules and
dashboards that read them are in ops/, and a test holds them to this table. Never a label: merchant,
terminal, card, number, free text.
"""

from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram

NETWORK_BUCKETS = (
    *(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0),
)
LOCAL_BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
COUNT_BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)

NO_ACQUIRER = "none"  # refused before an acquirer was chosen

TRANSACTION_TYPES = (
    *("sale", "preauth", "completion", "void"),
    *("refund", "balance", "reversal", "other"),
)
METHODS = (
    *("chip", "contactless", "stripe", "manual"),
    *("qr_merchant", "qr_consumer", "wallet", "other"),
)
OUTCOMES = ("approved", "declined", "timeout", "error", "rejected")

# The labels whose values are known beforehand: their children exist, at 0, from the start, so that
# `rate()` sees the first event. `acquirer` is given at start.
CLOSED_SETS: dict[str, tuple[str, ...]] = {
    "transaction_type": TRANSACTION_TYPES,
    "method": METHODS,
    "outcome": OUTCOMES,
    "saf_kind": ("reversal", "advice"),
    "reconciled": ("balanced", "differs", "refused"),
    "commit_result": ("done", "failed", "unknown"),
}


class Family(NamedTuple):
    """One metric: kind, labels, what it tells; `buckets` of a histogram; `sets` by label."""

    kind: type[Counter | Gauge | Histogram]
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()
    sets: tuple[str, ...] = ()  # names in CLOSED_SETS, one a label after `acquirer`


_LINK = ("acquirer", "link")
_NETWORK = NETWORK_BUCKETS
_LOCAL = LOCAL_BUCKETS

FAMILIES: dict[str, Family] = {
    # requests
    "pointsman_requests_total": Family(
        Counter,
        ("acquirer", "transaction_type", "method", "outcome"),
        "Requests of terminals that were answered or given up.",
        sets=("transaction_type", "method", "outcome"),
    ),
    "pointsman_declines_total": Family(Counter, ("acquirer", "category"), "Declined, by category."),
    "pointsman_responses_total": Family(
        Counter, ("acquirer", "response_code"), "Answers to terminals by field 39."
    ),
    "pointsman_in_flight_requests": Family(
        Gauge, ("acquirer",), "Requests that wait for their outcome."
    ),
    "pointsman_amount_minor_units_total": Family(
        Counter, ("acquirer", "currency", "outcome"), "Amounts asked for, in minor units."
    ),
    # time
    "pointsman_request_duration_seconds": Family(
        Histogram,
        ("acquirer", "transaction_type"),
        "From the frame's last byte to the answer's first.",
        _NETWORK,
        ("transaction_type",),
    ),
    "pointsman_upstream_duration_seconds": Family(
        Histogram, ("acquirer",), "From the last byte sent to the acquirer to its answer.", _NETWORK
    ),
    "pointsman_switch_duration_seconds": Family(
        Histogram, (), "Request time without the acquirer's share.", _LOCAL
    ),
    "pointsman_stage_duration_seconds": Family(
        Histogram, ("stage",), "Time of one stage of a request.", _LOCAL
    ),
    # links
    "pointsman_link_up": Family(Gauge, _LINK, "1 while the link's connection stands."),
    "pointsman_link_signed_on": Family(Gauge, _LINK, "1 while the link is signed on."),
    "pointsman_link_last_message_timestamp_seconds": Family(
        Gauge, (*_LINK, "direction"), "Unix time of the last message."
    ),
    "pointsman_link_connects_total": Family(Counter, _LINK, "Connections made."),
    "pointsman_link_disconnects_total": Family(
        Counter, (*_LINK, "reason"), "Connections lost or closed."
    ),
    "pointsman_link_messages_total": Family(
        Counter, (*_LINK, "direction", "mti_class"), "Messages by direction and class."
    ),
    "pointsman_link_bytes_total": Family(Counter, (*_LINK, "direction"), "Bytes by direction."),
    "pointsman_link_echo_duration_seconds": Family(
        Histogram, _LINK, "From echo request to its answer.", _NETWORK
    ),
    "pointsman_link_echo_failures_total": Family(Counter, _LINK, "Echoes without answer."),
    "pointsman_link_unmatched_responses_total": Family(
        Counter, _LINK, "Answers that match no request, late ones among them."
    ),
    # devices
    "pointsman_terminals": Family(Gauge, ("state",), "Terminals by state."),
    "pointsman_terminal_connections": Family(Gauge, ("listener",), "Open terminal connections."),
    "pointsman_terminal_errors_total": Family(
        Counter, ("listener", "reason"), "Bad input from terminals."
    ),
    "pointsman_terminal_sign_ons_total": Family(Counter, ("result",), "Sign-ins of terminals."),
    # repair
    "pointsman_saf_depth": Family(
        Gauge, ("acquirer", "kind"), "Messages owed to an acquirer.", sets=("saf_kind",)
    ),
    "pointsman_saf_oldest_age_seconds": Family(
        Gauge, ("acquirer", "kind"), "Age of the oldest message owed.", sets=("saf_kind",)
    ),
    "pointsman_saf_parked": Family(
        Gauge,
        ("acquirer", "kind"),
        "Owed messages that the acquirer refused: two people decide.",
        sets=("saf_kind",),
    ),
    "pointsman_saf_sends_total": Family(
        Counter, ("acquirer", "kind", "result"), "Attempts to send what is owed."
    ),
    "pointsman_reversals_total": Family(Counter, ("acquirer", "reason"), "Reversals that arose."),
    "pointsman_acquirer_reconciliations_total": Family(
        Counter,
        ("acquirer", "result"),
        "Settlement dates held against the acquirer's own count.",
        sets=("reconciled",),
    ),
    "pointsman_unknown_outcome_transactions": Family(
        Gauge, ("acquirer",), "Transactions of unknown outcome."
    ),
    "pointsman_recovery_actions_total": Family(
        Counter, ("action", "result"), "Rows of dead incarnations taken over."
    ),
    "pointsman_recovery_duration_seconds": Family(Gauge, (), "Time of the last recovery."),
    # crypto
    "pointsman_hsm_up": Family(Gauge, ("hsm",), "1 while the HSM answers."),
    "pointsman_hsm_operations_total": Family(
        Counter, ("hsm", "operation", "result"), "Operations asked of the HSM."
    ),
    "pointsman_hsm_operation_duration_seconds": Family(
        Histogram, ("hsm",), "From asking the HSM to its answer.", _LOCAL
    ),
    "pointsman_mac_failures_total": Family(Counter, ("side", "acquirer"), "Wrong MACs received."),
    "pointsman_key_expiry_timestamp_seconds": Family(
        Gauge, ("key_kind", "acquirer"), "Unix time at which the first key of a kind ends."
    ),
    # journal
    "pointsman_journal_commit_duration_seconds": Family(
        Histogram, (), "One group commit, from begin to durable.", _LOCAL
    ),
    "pointsman_journal_commits_total": Family(
        Counter, ("result",), "Group commits: done, failed, unknown.", sets=("commit_result",)
    ),
    "pointsman_journal_records_per_commit": Family(
        Histogram, (), "Records in one group commit.", COUNT_BUCKETS
    ),
    "pointsman_journal_sequence": Family(Gauge, (), "Number of the last event of this writer."),
    "pointsman_db_connections": Family(Gauge, ("state",), "Database connections by state."),
    "pointsman_db_query_duration_seconds": Family(
        Histogram, ("statement_group",), "Database round trips outside the journal.", _LOCAL
    ),
    # money
    "pointsman_batches": Family(Gauge, ("state",), "Terminal batches by state."),
    "pointsman_event_days_ahead": Family(
        Gauge, (), "Business days after the open one whose events have their place."
    ),
    "pointsman_settlement_last_success_timestamp_seconds": Family(
        Gauge, ("acquirer",), "Unix time of the last closed business day."
    ),
    # service
    "pointsman_jobs_total": Family(Counter, ("job", "result"), "Scheduled jobs run."),
    "pointsman_job_duration_seconds": Family(Histogram, ("job",), "Time of one job.", _NETWORK),
    "pointsman_job_last_success_timestamp_seconds": Family(
        Gauge, ("job",), "Unix time of a job's last success."
    ),
    "pointsman_job_interval_seconds": Family(Gauge, ("job",), "Seconds between runs of a job."),
    # the supervisor's own
    "pointsman_process_up": Family(Gauge, ("name",), "1 while a child runs and is ready."),
    "pointsman_process_starts_total": Family(Counter, ("name",), "Starts of a child."),
    "pointsman_worker_connections": Family(
        Gauge, ("name",), "Terminal connections handed to a worker and not yet closed."
    ),
    "pointsman_hsm_served_total": Family(
        Counter, ("hsm", "operation", "result"), "Operations as the HSM itself counted them."
    ),
    "pointsman_connections_refused_total": Family(
        Counter, ("listener", "reason"), "Connections closed at once: a limit, or no worker."
    ),
    # safety
    "pointsman_clock_offset_seconds": Family(
        Gauge, (), "How far the wall clock stands from the time that is believed."
    ),
    "pointsman_config_last_reload_timestamp_seconds": Family(
        Gauge, (), "Unix time at which a new version of the site was taken over."
    ),
    "pointsman_build_info": Family(Gauge, ("version",), "1; the version is the label."),
}


def attribute_of(name: str) -> str:
    """Return the attribute of a metric: ``pointsman_requests_total`` is ``requests``."""
    return name.removeprefix("pointsman_").removesuffix("_total").removesuffix("_seconds")
