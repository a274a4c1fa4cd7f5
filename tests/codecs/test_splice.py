"""Messages with some fields changed, piece by piece; through the codec in test_engine.py."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.codec import get_codec
from pointsman.codecs.splice import splice
from tests.codecs.golden import Golden, golden_messages


@given(st.sampled_from(golden_messages()), st.data())
def test_spliced_message_decodes_to_the_changed_fields(
    message: Golden, data: st.DataObject
) -> None:
    codec = get_codec(message.dialect)
    remove = data.draw(st.sets(st.sampled_from(sorted(message.fields))))
    changes = {11: "654321"} if data.draw(st.booleans()) else {}
    body = splice(codec.spec, codec.decode(message.body), changes, None, remove)
    wanted = {n: value for n, value in message.fields.items() if n not in remove} | changes
    assert dict(codec.decode(body).fields) == dict(sorted(wanted.items()))


@given(st.sampled_from(golden_messages()))
def test_nothing_changed_is_the_same_message(message: Golden) -> None:
    codec = get_codec(message.dialect)
    assert splice(codec.spec, codec.decode(message.body), {}, None, ()) == message.body
