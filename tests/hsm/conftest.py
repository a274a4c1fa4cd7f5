"""Hypothesis in this room: no time limit for an example, since a busy machine is no fault."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "hsm", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hsm")
