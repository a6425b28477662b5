"""What an author must see in an editor: recipes as they are typed, with `¦` where the cursor stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Offer:
    """What completion must offer at the cursor, and what it must not."""

    claim: str
    text: str
    has: frozenset[str]
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Hover:
    """What the text about the word at the cursor must say."""

    claim: str
    text: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Marks:
    """The lines of a text, from 1, on which the editor must show a problem."""

    claim: str
    text: str
    lines: list[int] = field(default_factory=list)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOP = "recipe: 1\ninputs:\n  photo: {type: image}\n  n: {type: number, default: 2}\n"
KEYS = _words("recipe title description inputs model seed budget steps")
STEP = _words("name prompt model settings from when candidates choose seed resize crop pad overlay text convert")
DEV = _words("fast_mode size num_inference_steps guidance_scale num_images output_format")
PRO = _words("guidance_scale aspect_ratio safety_tolerance")
ONE = f"{TOP}steps:\n  - name: a\n"

MADE_UP: Mapping[str, Any] = {
    "title": "Nested",
    "description": "A model with its request in a block.",
    "type": "object",
    "additionalProperties": False,
    "required": ["request"],
    "properties": {
        "request": {
            "type": "object",
            "additionalProperties": False,
            "required": ["prompt", "scale"],
            "properties": {
                "prompt": {"type": "string"},
                "scale": {"type": "number", "minimum": 1, "maximum": 4, "default": 2, "description": "How much."},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["soft", "hard"]}},
                "words": {"type": "string", "maxLength": 8},
                "parts": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"path": {"type": "string"}, "weight": {"type": "number", "maximum": 1}},
                    },
                },
            },
        },
    },
}
"""A model that nobody ships, `nested`, for what the shipped ones do not have. `nested-too` is one by a like name."""
MADE_UP_TOO: Mapping[str, Any] = {
    "title": "Nested too",
    "type": "object",
    "additionalProperties": False,
    "properties": {"image": {"type": "string"}, "loud": {"type": "boolean", "default": False}},
    "required": ["image"],
}
NESTED = f"{ONE}    model: nested\n    prompt: x\n"

OFFERS = (
    Offer("keys at the top of an empty file", "¦", KEYS, _words("matrix")),
    Offer("keys at the top that are not there yet", "recipe: 1\n¦", KEYS - {"recipe"}),
    Offer("models at the top", "recipe: 1\nmodel: ¦", _words("flux-1-kontext-dev flux-1-kontext-max")),
    Offer("keys of an input", "recipe: 1\ninputs:\n  photo:\n    ¦", _words("type help default options minimum")),
    Offer("types of an input", "recipe: 1\ninputs:\n  photo: {type: ¦}", _words("image text number choice color")),
    Offer("keys of a new step", f"{TOP}steps:\n  - ¦", STEP),
    Offer("keys of a step that are not there yet", f"{ONE}    ¦", STEP - {"name"}),
    Offer("models in a step", f"{ONE}    model: ¦", _words("flux-1-kontext-dev flux-1-kontext-pro")),
    Offer(
        "settings of the step's model", f"{ONE}    model: flux-1-kontext-pro\n    settings:\n      ¦", PRO, DEV - PRO
    ),
    Offer(
        "settings of the step's model, behind another",
        f"{ONE}    model: flux-1-kontext-pro\n    prompt: x\n    settings:\n      guidance_scale: 3\n      ¦",
        PRO - {"guidance_scale"},
    ),
    Offer(
        "settings of the model at the top",
        f"model: flux-1-kontext-dev\n{ONE}    prompt: x\n    settings:\n      ¦",
        DEV,
        PRO - DEV,
    ),
    Offer(
        "settings of the step's model, not of the one at the top",
        f"model: flux-1-kontext-dev\n{ONE}    model: flux-1-kontext-pro\n    settings:\n      ¦",
        PRO,
        DEV - PRO,
    ),
    Offer(
        "choices of a setting",
        f"{ONE}    model: flux-1-kontext-pro\n    settings:\n      aspect_ratio: ¦",
        frozenset({"21:9", "16:9", "1:1"}),
    ),
    Offer(
        "choices of a setting of the model at the top",
        f"model: flux-1-kontext-dev\n{ONE}    settings: {{output_format: ¦}}",
        _words("jpeg png webp"),
    ),
    Offer(
        "true and false",
        f"model: flux-1-kontext-dev\n{ONE}    settings:\n      fast_mode: ¦",
        _words("true false"),
    ),
    Offer(
        "settings of a model without a prompt", f"{ONE}    model: nested-too\n    settings:\n      ¦", _words("loud")
    ),
    Offer(
        "settings of one model, though another's name begins alike",
        f"{NESTED}    settings:\n      ¦",
        _words("request"),
        _words("loud"),
    ),
    Offer("settings in a block", f"{NESTED}    settings:\n      request:\n        ¦", _words("scale tags words parts")),
    Offer(
        "choices in a list", f"{NESTED}    settings:\n      request:\n        tags:\n          - ¦", _words("soft hard")
    ),
    Offer(
        "keys in a list", f"{NESTED}    settings:\n      request:\n        parts:\n          - ¦", _words("path weight")
    ),
    Offer("params of an operation", f"{ONE}    resize:\n      ¦", _words("width height longest fit anchor background")),
    Offer("choices of a param", f"{ONE}    resize: {{fit: ¦}}", _words("contain cover pad exact")),
)

HOVERS = (
    Hover("a key at the top", "reci¦pe: 1\nsteps: []\n", ("Version of the recipe language",)),
    Hover("a type", TOP.replace("image", "im¦age"), ("What kind of value it is", "choice")),
    Hover("a step's key", f"{ONE}    pro¦mpt: x\n", ("What the model is to change",)),
    Hover("a model", f"{ONE}    model: flux-1-kon¦text-dev\n", ("The model of this step", "FLUX.1 Kontext Dev. Edits")),
    Hover(
        "a setting, its range and its default",
        f"{ONE}    model: flux-1-kontext-pro\n    prompt: x\n    settings:\n      guidance¦_scale: 3\n",
        ("#### Guidance\n", "How closely", "Number from 1 to 20. Default: 3.5."),
    ),
    Hover(
        "a setting of the model at the top, whose default is another",
        f"model: flux-1-kontext-dev\n{ONE}    prompt: x\n    settings: {{guidance¦_scale: 3}}\n",
        ("Number from 1 to 20. Default: 2.5.",),
    ),
    Hover(
        "a setting that is a template",
        f"model: flux-1-kontext-dev\n{ONE}    prompt: x\n    settings: {{guidance¦_scale: '{{{{ n }}}}'}}\n",
        ("How closely", "Number from 1 to 20"),
    ),
    Hover(
        "the choices of a setting",
        f"{ONE}    model: flux-1-kontext-pro\n    prompt: x\n    settings:\n      aspect_¦ratio: 16:9\n",
        ("Shape of the new picture", "`21:9`", "`9:16`"),
    ),
    Hover(
        "the form of a setting",
        f"model: flux-1-kontext-dev\n{ONE}    prompt: x\n    settings: {{si¦ze: 512*512}}\n",
        ("in pixels, each from 256 to 1536, like",),
    ),
    Hover(
        "a setting in a block",
        f"{NESTED}    settings: {{request: {{sc¦ale: 2}}}}\n",
        ("How much.", "Number from 1 to 4. Default: 2."),
    ),
    Hover("an operation", f"{ONE}    res¦ize: {{width: 9}}\n", ("Another size in pixels",)),
    Hover("a param", f"{ONE}    resize: {{width: 9, fi¦t: pad}}\n", ("How the picture meets", "Default: contain")),
)

MARKS = (
    Marks(
        "templates may stand for every leaf of the settings",
        f"{ONE}    prompt: x {{{{ n }}}}\n    model: flux-1-kontext-dev\n    settings:\n"
        "      fast_mode: '{{ n }}'\n      size: '{{ n }}*512'\n      guidance_scale: '{{ n }}'\n"
        "      num_images: '{% if n %}1{% endif %}'\n      output_format: '{{ n }}'\n",
    ),
    Marks(
        "templates may stand for every leaf in blocks and lists",
        f"{NESTED}    settings:\n      request:\n        scale: '{{{{ n }}}}'\n        tags: ['{{{{ n }}}}', soft]\n"
        "        words: '{{ n }} and more than eight letters'\n        parts: [{weight: '{{ n }}'}]\n",
    ),
    Marks(
        "templates may stand for every param",
        f"{ONE}    resize:\n"
        "      {width: '{{ n }}', fit: '{{ n }}', enlarge: '{{ n }}', background: '{{ n }}'}\n",
    ),
    Marks(
        "templates may not stand for names, models, sources, counts, lists or blocks",
        TOP + "steps:\n  - name: '{{ n }}'\n    model: '{{ n }}'\n    prompt: x\n    candidates: '{{ n }}'\n"
        "    seed: '{{ n }}'\n  - name: b\n    model: nested\n    prompt: x\n    settings:\n      request:\n"
        "        scale: 2\n        tags: '{{ n }}'\n",
        [6, 7, 9, 10, 17],
    ),
    Marks(
        "words that other versions of YAML take for something else are text",
        f"{TOP}  answer: {{type: choice, options: [yes, no, on, off, 16:9, 2024-01-01], default: no}}\n"
        "title: on\nsteps:\n  - name: no\n    model: flux-1-kontext-pro\n    prompt: yes\n"
        '    settings: {aspect_ratio: 16:9, safety_tolerance: "2"}\n',
    ),
    Marks(
        "`on` is neither true nor false",
        f"model: flux-1-kontext-dev\n{ONE}    prompt: x\n    settings: {{fast_mode: on}}",
        [9],
    ),
    Marks("a model without a prompt makes a step alone", f"{ONE}    model: nested-too\n    settings: {{loud: true}}\n"),
    Marks("a model without a prompt refuses one", f"{ONE}    model: nested-too\n    prompt: x\n", [8]),
    Marks("a model that needs a prompt misses it", f"{ONE}    model: flux-1-kontext-pro\n", [6]),
    Marks("a prompt without any model", f"{ONE}    prompt: x\n", [6]),
    Marks("a setting that is needed", f"{NESTED}", [6]),
    Marks("a setting that is needed, in a block", f"{NESTED}    settings:\n      request: {{words: x}}\n", [10]),
    Marks(
        "a setting in a block that is not one", f"{NESTED}    settings: {{request: {{scale: 2, tag: [soft]}}}}\n", [9]
    ),
    Marks("a number out of its range, in a block", f"{NESTED}    settings: {{request: {{scale: 5}}}}\n", [9]),
    Marks("a step that does nothing, below a model", f"model: flux-1-kontext-dev\n{ONE}", [7]),
)

SEEN = _words(
    "a-list apostrophe budget-without-currency candidates-of-an-operation empty input-without-braces key-twice "
    "list-from-a-template matrix missing-name missing-steps missing-version name-with-space nested-settings "
    "no-blocks not-in-list number-for-text one-of-two operation-with-model other-version out-of-range "
    "picture-in-settings prompt-not-taken prompt-not-taken-on-top quoted-word-first seed-in-settings "
    "several-at-one-place size-with-x step-does-nothing step-does-nothing-without-prompt steps-without-dashes tab "
    "template-tag-without-quotes template-without-quotes two-operations two-verbs unknown-model wrong-type yes"
)
"""Files of tests/recipes/invalid in which an editor must mark exactly the lines that `retouch validate` names."""
