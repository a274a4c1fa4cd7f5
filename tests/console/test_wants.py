"""What bodies say: every value refuses members that it does not know."""

import msgspec
import pytest

from pointsman.console import wants

KINDS = [
    kind
    for kind in vars(wants).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_body_takes_a_member_that_nobody_knows(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.forbid_unknown_fields
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_of_a_body_has_a_bound(kind: type[msgspec.Struct]) -> None:
    _, parts = msgspec.json.schema_components((kind,))
    for part in parts.values():
        for name, schema in part["properties"].items():
            for one in schema.get("anyOf", [schema]):
                if one.get("type") == "string":
                    assert {"maxLength", "pattern", "enum"} & one.keys(), (kind, name)
