"""The acquirers' books: rows that their simulators read, and find originals in."""

from pointsman.history import books
from pointsman.history.story import Deed
from pointsman.sim.book import Book
from pointsman.sim.host_rows import HOST_ROWS, HostRequest, Outcome, Work
from tests.history.test_rerun import happening, lived


def test_a_sale_and_its_refund_stand_in_the_book() -> None:
    sale = lived(happening(1, Deed.SALE))
    back = lived(happening(2, Deed.REFUND, of=1), sale)
    first = HOST_ROWS.decode(books.line(sale, "2026-03-10T06:31:00+00:00", None))
    second = HOST_ROWS.decode(books.line(back, "2026-03-10T06:32:00+00:00", sale))
    assert isinstance(first, HostRequest)
    assert isinstance(second, HostRequest)
    assert (first.work, first.outcome, first.card) == (
        *(Work.SALE, Outcome.APPROVED),
        "621626******0018",
    )
    assert second.original == first.key
    book = Book()
    book.apply(first)
    assert book.settled() == {(sale.key.mid, "156"): 4200}
    assert book.find("", sale.key.mid, sale.rrn) == first.key
    book.apply(second)
    assert book.settled() == {(sale.key.mid, "156"): 0}
    assert book.entries[first.key].refunded_minor == 4200
