"""Problems: every code has its row in both languages; documents are RFC 9457's."""

from pointsman.console.problems import KINDS, Code, Fault, Problem, document


def test_every_code_has_a_status_and_a_title_in_both_languages() -> None:
    assert set(KINDS) == set(Code)
    for kind in KINDS.values():
        assert 400 <= kind.status < 600
        assert kind.en.isascii()
        assert not kind.zh.isascii()


def test_a_document_names_what_is_wrong_and_where() -> None:
    problem = Problem(Code.VALIDATION_FAILED, "x", faults=(Fault("/name", "invalid", "too long"),))
    found = document(problem, path="/v1/x", request_id="req_1", chinese=False)
    assert found["status"] == 422
    assert found["code"] == "validation_failed"
    assert found["errors"] == [{"pointer": "/name", "code": "invalid", "detail": "too long"}]
