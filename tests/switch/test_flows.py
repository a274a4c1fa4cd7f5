"""The table of types: every row is found by its message, and by nothing else."""

from pointsman.switch.flows import FLOWS, answer_mti, find, request_mti


def test_every_row_is_found_by_its_own_message() -> None:
    for flow in FLOWS:
        for condition in flow.conditions:
            assert find(flow.mti, flow.processing_code, condition, flow.type_code) is flow
            assert find(flow.mti, flow.processing_code, condition, "99") is None
            assert find("0500", flow.processing_code, condition, flow.type_code) is None


def test_a_repeat_is_the_same_type_and_has_the_same_answer() -> None:
    assert request_mti("0201") == "0200"
    assert answer_mti("0200") == answer_mti("0201") == "0210"
    assert answer_mti("0220") == "0230"
    assert answer_mti("0820") == "0830"
