"""The dict of operations: what every operation promises, whatever it does."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image, ImageCms

from runner import document
from runner.errors import OperationFailed
from runner.operation import Operation
from runner.operations import OPERATIONS
from runner.validation import problems
from tests.pictures import corners, ink_profile, near, opened, pixel, png, quarters, saved, wide_profile

SMALLEST: dict[str, dict[str, Any]] = {
    "resize": {"width": 32},
    "crop": {"width": "100%"},
    "pad": {"margin": 0},
    "overlay": {"opacity": 0},
    "text": {"text": ".", "color": "transparent"},
    "convert": {"format": "png", "profile": "keep"},
}
"""Params for each verb that show the picture as it is, or only smaller."""

ALL = pytest.mark.parametrize("verb", OPERATIONS)


def applied(verb: str, data: bytes, **params: Any) -> bytes:
    """The operation with its smallest params and these, on as many pictures as it needs."""
    operation = OPERATIONS[verb]
    return operation.apply([data] * operation.IMAGES[0], SMALLEST[verb] | params)


def objection(verb: str, params: dict[str, Any]) -> str | None:
    """What the operation has against the params before it sees a picture; None also where it never has anything."""
    asked = getattr(OPERATIONS[verb], "objection", None)
    told: str | None = asked(params) if asked else None
    return told


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a schema."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from schemas(each)
    elif isinstance(value, list):
        for each in value:
            yield from schemas(each)


def test_the_verbs_of_the_language() -> None:
    """The six that DESIGN names, under their own names."""
    assert set(OPERATIONS) == {"resize", "crop", "pad", "overlay", "text", "convert"}
    assert all(verb == operation.NAME for verb, operation in OPERATIONS.items())


def test_knowing_the_operations_loads_no_image_library() -> None:
    """`retouch validate` needs their params and nothing else."""
    code = "import sys, runner.operations; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@ALL
def test_params_are_a_schema_for_authors(verb: str) -> None:
    """Plain JSON, closed, each key explained, defaults that fit, and no guessing between branches."""
    schema = OPERATIONS[verb].PARAMS
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["additionalProperties"] is False
    example = schema["x-form"].removeprefix("write a block: ")
    assert schema["description"].endswith(f" For example: `{example}`")
    assert problems(document.load(example, "example").data[verb], schema) == []
    assert not any({"oneOf", "anyOf"} & set(each) for each in schemas(schema))
    for name, each in schema["properties"].items():
        assert each["title"], name
        assert each["description"].endswith("."), name
        if "default" in each:
            assert problems(each["default"], each) == []


@ALL
def test_the_smallest_params_fit_their_schema(verb: str) -> None:
    """So that the tests below ask for what an author could ask."""
    assert problems(SMALLEST[verb], OPERATIONS[verb].PARAMS) == []


@pytest.mark.parametrize(
    ("verb", "params", "words"),
    [
        ("resize", {}, "say `width:`, `height:` or `longest:`"),
        ("resize", {"fit": "cover", "width": 9}, "`height:` is missing"),
        ("resize", {"fit": "pad", "height": 9}, "`width:` is missing"),
        ("resize", {"fit": "cover"}, "say `width:`, `height:` or `longest:`"),
        ("resize", {"longest": 9, "width": 9}, "`width` cannot stand beside `longest`"),
        ("resize", {"longest": 9, "width": 9, "fit": "cover"}, "`width` cannot stand beside `longest`"),
        ("resize", {"longest": 9, "fit": "cover"}, "expected `contain`, found `cover`"),
        ("resize", {"width": "wide"}, "right form"),
        ("resize", {"width": 0}, "too small"),
        ("resize", {"width": "0%"}, "right form"),
        ("resize", {"longest": "00.0%"}, "right form"),
        ("overlay", {"width": "0.00%"}, "right form"),
        ("text", {"text": "x", "size": "0%"}, "right form"),
        ("resize", "50%", "expected a block"),
        ("resize", {"width": 9, "fit": "stretch"}, "not one of the choices"),
        ("resize", {"widht": 9}, "unknown key `widht`"),
        ("crop", {}, "say `aspect:`, "),
        ("crop", {"aspect": "1:1", "x": 3}, "`x` cannot stand beside `aspect`"),
        ("crop", {"x": 3, "anchor": "top"}, "`anchor` cannot stand beside `x`"),
        ("crop", {"aspect": "0:1"}, "right form"),
        ("pad", {"background": "white"}, "say `margin:`, "),
        ("pad", {"margin": 1, "anchor": "top"}, "`anchor` cannot stand beside `margin`"),
        ("pad", {"aspect": "1:1", "bottom": 5}, "`bottom` cannot stand beside `aspect`"),
        ("pad", {"margin": 1, "background": "whitish"}, "right form"),
        ("overlay", {"opacity": 2}, "too large"),
        ("text", {}, "`text:` is missing"),
        ("text", {"text": "x", "box_opacity": 0.5}, "`box:` is missing"),
        ("convert", {}, "`format:` is missing"),
        ("convert", {"format": "png", "quality": 90}, "`quality` is for jpeg and webp, not for png"),
        ("convert", {"format": "jpeg", "lossless": True}, "`lossless` is for webp, not for jpeg"),
        ("convert", {"format": "webp", "progressive": True}, "`progressive` is for jpeg, not for webp"),
    ],
)
def test_params_that_do_not_go_together_are_told(verb: str, params: Any, words: str) -> None:
    """One mistake, one problem, in words."""
    found = problems(params, OPERATIONS[verb].PARAMS)
    assert len(found) == 1
    assert words in found[0].message


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("resize", {"width": 9}),
        ("resize", {"longest": "50%"}),
        ("resize", {"width": 9, "height": "10%", "fit": "pad", "background": "#FfF8ab", "anchor": "top"}),
        ("resize", {"longest": "0.5%", "fit": "contain"}),
        ("crop", {"x": 0, "width": "12.5%"}),
        ("crop", {"x": "0%", "y": "0.0%", "width": "10%"}),
        ("crop", {"aspect": "1.91:1", "anchor": "bottom"}),
        ("pad", {"margin": "5%", "bottom": "30%", "background": "transparent"}),
        ("overlay", {}),
        ("text", {"text": "a", "font": "letters.ttf", "outline": "black", "outline_width": 2}),
        ("convert", {"format": "webp", "lossless": True}),
    ],
)
def test_params_that_go_together_pass(verb: str, params: dict[str, Any]) -> None:
    """What the guide for authors shows."""
    assert problems(params, OPERATIONS[verb].PARAMS) == []


@pytest.mark.parametrize(
    ("verb", "params", "words"),
    [
        (
            "resize",
            {"width": 16000, "height": 16000, "fit": "exact"},
            "16000 × 16000 pixels is too large; at most 16000",
        ),
        ("resize", {"width": 16000, "height": 9000, "fit": "cover", "enlarge": False}, "16000 × 9000"),
        ("resize", {"width": 12000, "height": 16000, "fit": "pad"}, "12000 × 16000"),
        ("pad", {"width": 16000, "height": 16000}, "16000 × 16000 pixels is too large"),
        ("pad", {"margin": 8000}, "16001 × 16001 pixels is too large"),
        ("pad", {"left": 16000}, "16001 × 1 pixels is too large"),
        ("pad", {"aspect": "20000:1"}, "20000 × 1 pixels is too large"),
        ("crop", {"x": 8000, "width": 8000, "y": 1, "height": 8000}, "reaches to 16000 × 8001, and no picture"),
    ],
)
def test_what_no_picture_can_make_good_is_known_before(verb: str, params: dict[str, Any], words: str) -> None:
    """The params fit their schema, and yet a step that is paid for would be paid for in vain."""
    assert problems(params, OPERATIONS[verb].PARAMS) == []
    assert words in str(objection(verb, params))
    with pytest.raises(OperationFailed):
        OPERATIONS[verb].apply([saved(quarters())], params)


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("resize", {"width": 16000}),
        ("resize", {"width": 16000, "height": 16000}),
        ("resize", {"width": 16000, "height": 16000, "fit": "exact", "enlarge": False}),
        ("resize", {"width": 16000, "height": "100%", "fit": "exact"}),
        ("pad", {"width": "10%"}),
        ("pad", {"width": 16000, "height": 7500}),
        ("pad", {"margin": "9999%"}),
        ("pad", {"aspect": "16000:1"}),
        ("crop", {"x": 16000, "width": 16000}),
        ("crop", {"aspect": "1:1"}),
        ("text", {"text": " \n "}),
        *SMALLEST.items(),
    ],
)
def test_nothing_is_objected_to_that_some_picture_allows(verb: str, params: dict[str, Any]) -> None:
    """Thin pictures, tiny ones and none at all to see: what depends on them is told when they are there."""
    assert objection(verb, params) is None


@ALL
def test_a_length_of_a_template_may_have_a_point(verb: str) -> None:
    """`{{ n * 4 / 2 }}` comes out as 24.0, and means what 24 means."""
    whole = SMALLEST[verb] | {"width": 24} if "width" in OPERATIONS[verb].PARAMS["properties"] else SMALLEST[verb]
    whole = {"margin": 24} if verb == "pad" else whole
    pointed = {key: float(value) if isinstance(value, int) else value for key, value in whole.items()}
    data = saved(quarters())
    images = [data] * OPERATIONS[verb].IMAGES[0]
    assert objection(verb, pointed) is None
    assert OPERATIONS[verb].apply(images, pointed) == OPERATIONS[verb].apply(images, whole)


@ALL
def test_the_same_images_and_params_give_the_same_bytes(verb: str) -> None:
    """Reproduction rests on it."""
    data = saved(quarters())
    assert applied(verb, data) == applied(verb, data)


@ALL
def test_results_are_png_and_upright_and_bare(verb: str) -> None:
    """A photo that lies on its side stands up, once, and tells nothing of its camera any more."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CANARY maker"
    lying = quarters().transpose(Image.Transpose.ROTATE_90)
    result = applied(verb, saved(lying, "JPEG", exif=exif, quality=100, subsampling=0, comment=b"CANARY note"))
    image = opened(result)
    assert image.format == "PNG"
    assert image.width * 3 == image.height * 4
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert all(near(seen, color, 3) for seen, color in zip(corners(image), wanted, strict=True))
    assert b"CANARY" not in result
    assert len(image.getexif()) == 0


@ALL
def test_a_picture_keeps_its_own_space(verb: str) -> None:
    """Numbers and profile of a wide-gamut photo go through together."""
    data = saved(Image.new("RGB", (64, 48), (200, 60, 60)), icc_profile=wide_profile())
    image = opened(applied(verb, data))
    assert image.info["icc_profile"] == wide_profile()
    assert pixel(image, 16, 12) == (200, 60, 60)


@ALL
def test_pictures_that_are_not_rgb_become_srgb(verb: str) -> None:
    """Inks by their profile, 16-bit grey by its upper byte; what comes out has no profile."""
    inks = saved(Image.new("CMYK", (64, 48), (0, 255, 0, 0)), "JPEG", quality=100, icc_profile=ink_profile())
    grey = png(64, 48, 16, 0, (b"\0" + (100 * 257).to_bytes(2, "big") * 64) * 48)
    for data, color in ((inks, (218, 41, 122)), (grey, (100, 100, 100))):
        image = opened(applied(verb, data))
        assert image.mode == "RGB"
        assert near(pixel(image, 16, 12), color)
        assert "icc_profile" not in image.info


@ALL
def test_transparent_parts_stay(verb: str) -> None:
    """Nothing is laid under a picture unasked."""
    image = Image.new("RGBA", (64, 48), (10, 200, 30, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 48))
    result = opened(applied(verb, saved(image)))
    assert result.mode == "RGBA"
    assert pixel(result, 4, 12)[3] == 0
    assert pixel(result, result.width - 4, 12) == (10, 200, 30, 255)


@pytest.mark.parametrize(
    ("verb", "params", "place"),
    [
        ("pad", {"margin": 8, "background": "#c83c3c"}, (2, 2)),
        ("text", {"text": "x", "box": "#c83c3c", "color": "transparent"}, (32, 45)),
        ("overlay", {"width": "50%", "margin": 0}, (60, 40)),
    ],
)
def test_what_is_added_is_brought_into_the_space_of_the_picture(
    verb: str, params: dict[str, Any], place: tuple[int, int]
) -> None:
    """A colour of a recipe, or an sRGB logo, looks the same on a wide-gamut photo as on any other."""
    base = saved(Image.new("RGB", (64, 48), (20, 20, 20)), icc_profile=wide_profile())
    logo = saved(Image.new("RGB", (64, 48), "#c83c3c"))
    operation: Operation = OPERATIONS[verb]
    image = opened(operation.apply([base, logo][: operation.IMAGES[1]], params))
    stored = pixel(image, *place)
    assert not near(stored, (200, 60, 60), 8)
    wide = ImageCms.ImageCmsProfile(io.BytesIO(wide_profile()))
    shown = ImageCms.profileToProfile(
        image, wide, ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    assert shown is not None
    assert near(pixel(shown, *place), (200, 60, 60), 3)
