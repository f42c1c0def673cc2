"""All scenarios in display order."""

from __future__ import annotations

from etcdlab.compare.scenario import Scenario
from etcdlab.compare.scenarios import (
    auth,
    error_replies,
    failing_endpoints,
    leases,
    ranges,
    size_limits,
    transactions,
    values,
    watch,
)

# The order of GROUPS.
MODULES = (
    values,
    ranges,
    leases,
    transactions,
    watch,
    failing_endpoints,
    error_replies,
    auth,
    size_limits,
)


def all_scenarios() -> list[Scenario]:
    """The scenarios of MODULES, in the order of definition."""
    defined = (each for module in MODULES for each in vars(module).values())
    return [each for each in defined if isinstance(each, Scenario)]
