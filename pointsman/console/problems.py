"""What can be wrong with a request, as RFC 9457 problems: one table of codes.

Raised by every function of the API; api.py writes them as `application/problem+json`, the pages
as a page. Titles in both languages stand here; details are said in English where a problem is
raised, and told in Chinese by details.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pointsman.console.details import said


class Code(StrEnum):
    """A stable name of one kind of problem."""

    MALFORMED_JSON = "malformed_json"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    UNKNOWN_PARAMETER = "unknown_parameter"
    INVALID_CURSOR = "invalid_cursor"
    UNAUTHENTICATED = "unauthenticated"
    SESSION_EXPIRED = "session_expired"
    STEP_UP_REQUIRED = "step_up_required"
    PERMISSION_DENIED = "permission_denied"
    IP_NOT_ALLOWED = "ip_not_allowed"
    MODE_MISMATCH = "mode_mismatch"
    CSRF = "csrf_token_wrong"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    STATE_CONFLICT = "state_conflict"
    DUPLICATE = "duplicate"
    ALREADY_DECIDED = "already_decided"
    ETAG_MISMATCH = "etag_mismatch"
    IF_MATCH_REQUIRED = "if_match_required"
    EXPORT_EXPIRED = "export_expired"
    TOO_LARGE = "too_large"
    UNSUPPORTED_FORMAT = "unsupported_format"
    VALIDATION_FAILED = "validation_failed"
    IDEMPOTENCY_BODY_DIFFERS = "idempotency_body_differs"
    REFUND_EXCEEDS_REST = "refund_exceeds_rest"
    CURRENCY_MISMATCH = "currency_mismatch"
    TERMINAL_BOUND_ELSEWHERE = "terminal_bound_elsewhere"
    SELF_APPROVAL = "self_approval"
    RATE_LIMITED = "rate_limited"
    ACQUIRER_UNAVAILABLE = "acquirer_unavailable"
    HSM_UNAVAILABLE = "hsm_unavailable"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code says to a machine, and its title to people."""

    status: int
    en: str
    zh: str
    retryable: bool = False


KINDS: Mapping[Code, Kind] = {
    Code.MALFORMED_JSON: Kind(400, "The body is no valid JSON", "请求体不是有效的 JSON"),
    Code.UNKNOWN_PARAMETER: Kind(400, "A parameter is not known here", "存在未知参数"),
    Code.INVALID_CURSOR: Kind(400, "The cursor is not one of ours", "游标无效"),
    Code.UNAUTHENTICATED: Kind(401, "Sign in first", "请先登录"),
    Code.SESSION_EXPIRED: Kind(401, "The session has ended", "会话已结束"),
    Code.IDEMPOTENCY_KEY_MISSING: Kind(400, "An idempotency key is needed", "缺少幂等键"),
    Code.STEP_UP_REQUIRED: Kind(403, "A fresh code is needed", "需要新的验证码"),
    Code.PERMISSION_DENIED: Kind(403, "Not allowed", "没有权限"),
    Code.IP_NOT_ALLOWED: Kind(403, "Not allowed from this address", "此地址不允许访问"),
    Code.MODE_MISMATCH: Kind(403, "The key is for another mode", "密钥不属于当前环境"),
    Code.CSRF: Kind(403, "The form is not from this session", "表单不属于当前会话"),
    Code.NOT_FOUND: Kind(404, "Not found", "未找到"),
    Code.METHOD_NOT_ALLOWED: Kind(405, "This cannot be done here", "此处不支持该操作"),
    Code.IDEMPOTENCY_IN_PROGRESS: Kind(
        409, "The same request is still under way", "相同的请求仍在处理", retryable=True
    ),
    Code.STATE_CONFLICT: Kind(409, "Its state does not allow this", "当前状态不允许此操作"),
    Code.DUPLICATE: Kind(409, "It exists already", "已存在"),
    Code.ALREADY_DECIDED: Kind(409, "It was decided already", "已有人作出决定"),
    Code.ETAG_MISMATCH: Kind(412, "It was changed in the meantime", "内容已被他人修改"),
    Code.IF_MATCH_REQUIRED: Kind(428, "Say which version is changed", "缺少版本标识"),
    Code.UNSUPPORTED_FORMAT: Kind(415, "JSON is expected", "请求体应为 JSON"),
    Code.EXPORT_EXPIRED: Kind(410, "The link has expired", "链接已过期"),
    Code.TOO_LARGE: Kind(413, "The body is too large", "请求体过大"),
    Code.VALIDATION_FAILED: Kind(422, "Some values are not right", "部分内容不正确"),
    Code.IDEMPOTENCY_BODY_DIFFERS: Kind(
        422, "The key belongs to another request", "幂等键已用于其他请求"
    ),
    Code.REFUND_EXCEEDS_REST: Kind(422, "More than is left to refund", "超过可退金额"),
    Code.CURRENCY_MISMATCH: Kind(422, "Another currency than the payment's", "币种与原交易不符"),
    Code.TERMINAL_BOUND_ELSEWHERE: Kind(422, "The terminal belongs elsewhere", "终端已绑定他处"),
    Code.SELF_APPROVAL: Kind(422, "Another person must decide", "须由另一人复核"),
    Code.RATE_LIMITED: Kind(429, "Too many requests", "请求过于频繁", retryable=True),
    Code.JOURNAL_UNAVAILABLE: Kind(
        503, "The database does not answer", "数据库没有应答", retryable=True
    ),
    Code.HSM_UNAVAILABLE: Kind(503, "The HSM does not answer", "加密机没有应答", retryable=True),
    Code.ACQUIRER_UNAVAILABLE: Kind(
        503, "The acquirer cannot be reached", "收单机构无法连接", retryable=True
    ),
    Code.OUTCOME_UNKNOWN: Kind(
        503, "Whether it was done is not known yet", "结果尚不明确", retryable=True
    ),
    Code.INTERNAL: Kind(500, "Something failed here", "内部错误"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: where it stands (JSON pointer or parameter) and what was expected."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    """A request that is not done, and why."""

    def __init__(
        self, code: Code, detail: str = "", *, faults: tuple[Fault, ...] = (), retry_s: int = 0
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.faults = faults
        self.retry_s = retry_s

    @property
    def kind(self) -> Kind:
        """Its row of the table."""
        return KINDS[self.code]


def lost(*, keyed: bool) -> Problem:
    """Return the problem of an act of which nobody knows whether it was done."""
    again = (
        "Send it again with the same Idempotency-Key: it is done once."
        if keyed
        else "Read it again before it is sent once more."
    )
    return Problem(Code.OUTCOME_UNKNOWN, again, retry_s=2)


def document(problem: Problem, *, path: str, request_id: str, chinese: bool) -> dict[str, object]:
    """Return the body of the answer (RFC 9457, section 3)."""
    kind = problem.kind
    found: dict[str, object] = {
        "type": f"urn:pointsman:problem:{problem.code}",
        "title": kind.zh if chinese else kind.en,
        "status": kind.status,
        "detail": said(problem.detail, chinese=chinese),
        "instance": path,
        "code": problem.code.value,
        "request_id": request_id,
        "retryable": kind.retryable,
    }
    if problem.faults:
        found["errors"] = [
            {"pointer": f.pointer, "code": f.code, "detail": said(f.detail, chinese=chinese)}
            for f in problem.faults
        ]
    return found
