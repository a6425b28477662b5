"""What a terminal shows: the only room that imports rich. Lines are plain when piped; colours follow NO_COLOR."""

from runner.report.console.explained import show_explained
from runner.report.console.plan import show_plan
from runner.report.console.tables import show_model, show_models
from runner.report.console.teller import Teller

__all__ = ["Teller", "show_explained", "show_model", "show_models", "show_plan"]
