"""How many examples a law is tried with: 1,000 in CI, 100 at the desk, or what GHOSTSYNC_EXAMPLES says."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev") == "ci"
EXAMPLES = int(os.environ.get("GHOSTSYNC_EXAMPLES") or (1000 if IN_CI else 100))

#: Generated documents are large and some texts are refused: neither is a fault of the test. No deadline: the machine
#: is shared, and speed has a benchmark of its own.
laws = settings(
    max_examples=EXAMPLES,
    derandomize=IN_CI,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
#: For laws beside the four that the compiler is held to.
few = settings(laws, max_examples=max(20, EXAMPLES // 5))
