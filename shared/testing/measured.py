"""What a test reads of metrics: by how much one has grown."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import REGISTRY


def measured(sample: str, labels: Mapping[str, Any] | None = None) -> float:
    """The value of a sample (`..._count`, `..._sum` of a histogram); 0 if it was never measured."""
    return REGISTRY.get_sample_value(sample, {k: str(v) for k, v in (labels or {}).items()}) or 0.0
