"""Places of fields as expressions: they are the places the walk finds."""

from pointsman.codecs.codec import get_spec
from pointsman.codecs.places import Place, doubts, measure, place_fields
from pointsman.codecs.walk import walk_decode
from tests.codecs.golden import golden_messages


def test_expressions_give_the_spans_of_the_walk() -> None:
    for message in golden_messages():
        spec = get_spec(message.dialect)
        placed = place_fields(
            spec, tuple(message.fields), spec.bitmap_size * _bitmaps(message.fields)
        )
        names: dict[str, object] = {"body": message.body}
        for line in measure(placed, True, names):
            exec(line, names)  # noqa: S102 - the lines under test
        spans = {
            one.field.number: (eval(one.start.text, names), eval(one.end.text, names))  # noqa: S307
            for one in placed
        }
        assert spans == walk_decode(spec, message.body).spans
        assert not any(eval(condition, names) for condition in doubts(placed))  # noqa: S307


def _bitmaps(fields: dict[int, str]) -> int:
    return 2 if max(fields) > 64 else 1


def test_places_as_text() -> None:
    assert Place(0, 11).text == "11"
    assert Place(35, 0).text == "e35"
    assert Place(35, 8).plus(2).text == "e35 + 10"
    assert Place(35, 8).hex_text() == "d35 + 16"
    assert Place(35, 0).hex_text(-1) == "d35 - 1"
    assert Place(35, 0).hex_text() == "d35"
    assert Place(0, 11).hex_text(1) == "23"
