"""How the embedded PostgreSQL is set: alone with its user, silent about values, even under load.

A core. The server that is started with these is server.py; what a PostgreSQL of somebody's own
should be set to is in docs/operations.md. Durability is checked, not set: connection.py.
"""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # A new file of the write-ahead log is filled with zeros while every commit waits, 35 ms and
    # more; files that were in use before are kept for the next rush instead.
    "max_wal_size": "4GB",
    "min_wal_size": "1GB",
    # What tidies writes in small steps: at 2 ms, the usual pause, its writes held commits up (own
    # p99 of a sale 110 to 200 ms while it ran, at 10 ms 30 to 80, else 30; docs/performance.md).
    "autovacuum_vacuum_cost_delay": "10ms",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    # What a statement carried must not reach the log (docs/promises.md: values never).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""Given on the command line: they win over postgresql.conf and `alter system`."""
