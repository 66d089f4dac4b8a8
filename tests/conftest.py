"""Fixtures and hypothesis profiles for the whole suite."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["sandbox_fixtures"]

# Timing on a shared machine says nothing about a law: deadlines are off everywhere. CI draws the same examples every
# time: whoever changes a line must not be stopped by a counterexample to somebody else's; the desk draws new ones.
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("dev", deadline=None, suppress_health_check=_QUIET, max_examples=60)
settings.register_profile("ci", deadline=None, suppress_health_check=_QUIET, max_examples=1000, derandomize=True)
settings.register_profile("deterministic", parent=settings.get_profile("dev"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
