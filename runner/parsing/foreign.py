"""Keys that mean something elsewhere: settings of other models, params of operations, words of other tools."""

from __future__ import annotations

import difflib

from runner.operation import Catalogue, Model
from runner.parsing.notes import nested

_SAME_PURPOSE = (
    ("size", "aspect_ratio", "resolution"),
    ("num_images", "max_images"),
)
"""Settings of which a model has one or the other."""
_FROM = "a step takes its picture from the step above, or from what `from:` names"
_SAID_OTHERWISE = {
    "image": _FROM,
    "images": _FROM,
    "input": _FROM,
    "source": _FROM,
    "negative_prompt": "say in the prompt what must not be there",
    "strength": "say in the prompt how much is to change",
    "num_images": "write `candidates: 2`",
    "output": "a run puts its pictures into the folder that `retouch run … -o FOLDER` names",
    "if": "write `when:`",
}
"""What other tools, and earlier pages, call by these names."""
MEANT_AS_PROMPT = "text"
"""The operation whose name other tools have for what is asked of a model."""
_OTHER_NAMES = {"steps": "num_inference_steps", "guidance": "guidance_scale", "format": "output_format"}
_LIKE_ENOUGH = 0.8


def belongs_elsewhere(key: str, model: Model, catalogue: Catalogue) -> tuple[str, str] | None:
    """Message and hint for a setting that other models have and this one has not."""
    owners = [
        name
        for name, other in catalogue.models.items()
        if name != model.name and key in other.properties and key in other.settings.get("properties", {})
    ]
    if not owners:
        return None
    own = list(model.settings.get("properties", {}))
    if difflib.get_close_matches(key, own, 1, _LIKE_ENOUGH):
        return None
    alike = sorted(owners, key=lambda name: -difflib.SequenceMatcher(None, name, model.name).ratio())
    others = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
    instead = [each for group in _SAME_PURPOSE if key in group for each in group if each in own] or own
    takes = ", ".join(f"`{each}`" for each in instead) if instead else "no settings at all"
    return f"{model.name} has no setting `{key}`", f"`{key}` belongs to {alike[0]}{others}; {model.name} takes {takes}"


def said_otherwise(key: str, model: Model) -> tuple[str, str | None] | None:
    """What to write for a key of other tools, in words, and the key where it is one."""
    name = _OTHER_NAMES.get(key)
    if name is not None and name in model.settings.get("properties", {}):
        return f"write {nested((name,))}", name
    return (_SAID_OTHERWISE[key], None) if key in _SAID_OTHERWISE else None
