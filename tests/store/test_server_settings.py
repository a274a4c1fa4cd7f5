"""What the embedded server is set to is what it runs with, PostgreSQL 15 and 18 alike."""

import psycopg

from pointsman.store.server import EmbeddedPostgres
from pointsman.store.server_settings import SETTINGS


def test_the_server_runs_with_every_setting_as_it_is_written(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        found = {
            name: connection.execute("select current_setting(%s)", (name,)).fetchone()
            for name in SETTINGS
        }
    assert found == {name: (value,) for name, value in SETTINGS.items()}
