"""What good and bad look like, on light and on dark ground alike."""

from collections.abc import Mapping

from monitoring.dashboards.panel import Mood

COLOURS: Mapping[Mood, str] = {"good": "#2f9e6e", "warning": "#e0a100", "bad": "#e0483e"}
NEUTRAL = "#4c7fd0"
"""A number that is neither."""
