"""HTTP/1.1 alone: other versions, other protocols and lengths in doubt are refused."""

import h11
import pytest

from pointsman.console.http1 import BAD_REQUEST, VERSION_NOT_SUPPORTED, refused

HOST = ("host", "x")


@pytest.mark.parametrize(
    ("headers", "version", "status"),
    [
        ([], b"1.1", None),
        ([], b"1.0", None),
        ([], b"2.0", VERSION_NOT_SUPPORTED),
        ([("content-length", "3")], b"1.1", None),
        ([("transfer-encoding", "chunked")], b"1.1", None),
        ([("content-length", "3"), ("transfer-encoding", "chunked")], b"1.1", BAD_REQUEST),
        ([("upgrade", "WebSocket"), ("connection", "upgrade")], b"1.1", BAD_REQUEST),
        ([("upgrade", "h2c"), ("connection", "upgrade")], b"1.1", None),
    ],
)
def test_what_two_readers_might_end_at_different_places_is_refused(
    headers: list[tuple[str, str]], version: bytes, status: int | None
) -> None:
    request = h11.Request(method="GET", target="/", headers=[HOST, *headers], http_version=version)
    assert refused(request) == status
