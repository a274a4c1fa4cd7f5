"""What is told of a ledger and of messages."""

from pointsman.console import shapes_tools
from tests.console.shaped import assert_examples_fit


def test_examples_are_documents_of_their_shapes() -> None:
    assert_examples_fit(shapes_tools)
