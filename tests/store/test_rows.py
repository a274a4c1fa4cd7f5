"""Documents of transactions: nothing secret beyond what may be kept, nothing lost."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pointsman.store.records import Card, Intent, State, Transaction, Undo, Voiding
from pointsman.store.rows import decode, intent_document, transaction
from tests.store.house import transaction as sale

_TEXT = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20)


@given(host=st.dictionaries(_TEXT, _TEXT, max_size=5), card=st.booleans(), original=st.booleans())
def test_a_row_made_of_a_document_is_the_transaction(
    host: dict[str, str], card: bool, original: bool
) -> None:
    before = sale(1, original=b"\x00\xff" if original else None)
    written = Transaction(
        **{name: getattr(before, name) for name in before.__slots__}
        | {"host": host, "card": Card(b"t", None, "", "1234") if card else None}
    )
    row = decode(intent_document(Intent(written)))
    assert isinstance(row, dict)
    # What the columns of a new row hold, as ``whole`` gives them.
    row |= {
        "host_code": "", "auth_code": "", "host_rrn": "", "host_date": "", "approved_minor": 0,
        "refunded_minor": 0, "base_minor": 0, "undo": "none", "voiding": "none", "taken": False,
        "business_date": "2026-11-22", "incarnation": 3, "version": 0,
    }  # fmt: skip
    read = transaction(row)
    assert read.business_date == date(2026, 11, 22)
    assert (read.undo, read.voiding, read.state) == (Undo.NONE, Voiding.NONE, State.SENDING)
    for name in before.__slots__:
        if name not in ("business_date", "incarnation"):
            assert getattr(read, name) == getattr(written, name), name
