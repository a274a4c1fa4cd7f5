"""The second factor: codes of RFC 6238, each once, near their time only; recovery codes."""

from pointsman.console import second_factor as factor

SECRET = b"12345678901234567890"  # RFC 6238, appendix B


def test_codes_are_those_of_the_standard() -> None:
    for at_s, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert factor.accepted_step(SECRET, code, now_s=at_s, last_step=0) == at_s // 30


def test_a_code_is_accepted_once_and_near_its_time() -> None:
    step = 1111111109 // 30
    assert factor.accepted_step(SECRET, "081804", now_s=1111111109 + 30, last_step=0) == step
    assert factor.accepted_step(SECRET, "081804", now_s=1111111109 + 60, last_step=0) is None
    assert factor.accepted_step(SECRET, "081804", now_s=1111111109, last_step=step) is None
    assert factor.accepted_step(SECRET, "٠٨١٨٠٤", now_s=1111111109, last_step=0) is None


def test_recovery_codes_differ_and_are_known_however_they_are_typed() -> None:
    codes = factor.recovery_codes(bytes(range(100)))
    assert len(set(codes)) == factor.RECOVERY_CODES
    typed = f" {codes[0].upper().replace('-', ' ')} "
    assert factor.recovery_hash(typed) == factor.recovery_hash(codes[0])
    assert factor.recovery_hash(codes[0]) != factor.recovery_hash(codes[1])


def test_an_authenticator_is_told_who_and_where() -> None:
    assert factor.address_of(SECRET, "ada").startswith("otpauth://totp/Pointsman:ada?secret=")
