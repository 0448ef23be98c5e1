"""
Hypothesis profiles: `HYPOTHESIS_PROFILE` chooses one.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=_UNHURRIED)
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, suppress_health_check=_UNHURRIED, print_blob=True
)
settings.register_profile("long", deadline=None, max_examples=2000, suppress_health_check=_UNHURRIED, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))
