"""What is told of limits and refused cards."""

from pointsman.console import shapes_policies
from tests.console.shaped import assert_examples_fit


def test_examples_are_documents_of_their_shapes() -> None:
    assert_examples_fit(shapes_policies)
