"""What tests of shapes share: the example of a shape is a document of that shape, strictly."""

from types import ModuleType

import msgspec

from pointsman.console.describing import REFERENCE, example
from pointsman.console.shapes import Shape


def shapes_of(module: ModuleType) -> list[type[Shape]]:
    return [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Shape) and one.__module__ == module.__name__
    ]


def assert_examples_fit(module: ModuleType) -> None:
    found = shapes_of(module)
    assert found
    for shape in found:
        (schema,), parts = msgspec.json.schema_components((shape,), ref_template=REFERENCE)
        document = example(schema, parts)
        msgspec.convert(document, shape)
        assert shape.__struct_config__.forbid_unknown_fields
