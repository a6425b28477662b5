"""`convert`: formats, quality, backgrounds and colour spaces."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageFile

from runner.errors import OperationFailed
from runner.operations import OPERATIONS
from tests.pictures import near, opened, pixel, plain, quarters, saved, wide_profile

SMOOTH = saved(quarters(16, 12).resize((320, 240), Image.Resampling.BICUBIC))


def converted(data: bytes, **params: Any) -> bytes:
    """The file that `convert` makes of a file."""
    return OPERATIONS["convert"].apply([data], params)


@pytest.mark.parametrize(("kind", "name"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_the_format_asked_for(kind: str, name: str) -> None:
    """Same size, same colours, another file."""
    image = opened(converted(SMOOTH, format=kind))
    assert image.format == name
    assert image.size == (320, 240)
    assert near(pixel(image.convert("RGB"), 40, 40), (255, 0, 0), 6)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_less_quality_makes_smaller_files(kind: str) -> None:
    """The number does what it says, and 90 is what nobody has to say."""
    sizes = [len(converted(SMOOTH, format=kind, quality=quality)) for quality in (10, 60, 98)]
    assert sizes == sorted(set(sizes))
    assert converted(SMOOTH, format=kind) == converted(SMOOTH, format=kind, quality=90)


def test_lossless_webp_keeps_every_pixel() -> None:
    """Not a step of difference."""
    assert opened(converted(SMOOTH, format="webp", lossless=True)).tobytes() == opened(SMOOTH).tobytes()
    assert opened(converted(SMOOTH, format="webp")).tobytes() != opened(SMOOTH).tobytes()


def test_progressive() -> None:
    """Only when asked for."""
    assert "progressive" in opened(converted(SMOOTH, format="jpeg", progressive=True)).info
    assert "progressive" not in opened(converted(SMOOTH, format="jpeg")).info


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (257, 511), (3000, 30)])
@pytest.mark.parametrize("quality", [1, 75, 90, 94, 95, 100])
@pytest.mark.parametrize("colors", ["full", "grayscale"])
def test_any_detail_fits_into_a_jpeg(
    size: tuple[int, int], quality: int, colors: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Pure noise is the hardest picture there is: its files are several times larger than its number of pixels."""
    noise = saved(Image.frombytes("RGB", size, Random(4711).randbytes(3 * size[0] * size[1])))
    usual = ImageFile.MAXBLOCK
    for progressive in (False, True):
        made = converted(noise, format="jpeg", quality=quality, colors=colors, progressive=progressive)
        image = opened(made)
        assert image.size == size
        assert ("progressive" in image.info) is progressive
        assert made.endswith(b"\xff\xd9")
    assert capfd.readouterr() == ("", "")
    assert usual == ImageFile.MAXBLOCK


def test_progressive_files_are_made_beside_each_other() -> None:
    """Operations run in threads: each has room for its file, and afterwards all is as it was."""
    usual = ImageFile.MAXBLOCK
    noise = saved(Image.frombytes("RGB", (256, 256), Random(4711).randbytes(3 * 256 * 256)))
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(converted, noise, format="jpeg", quality=quality, progressive=True)
            for quality in (60, 90, 100) * 4
        ]
        assert len({each.result() for each in jobs}) == 3
    assert usual == ImageFile.MAXBLOCK


@pytest.mark.parametrize(("kind", "side"), [("jpeg", 65500), ("webp", 16383)])
def test_a_side_that_is_too_long_for_the_format_is_refused(kind: str, side: int) -> None:
    """One pixel less would do."""
    assert opened(converted(plain(side, 1), format=kind)).size == (side, 1)
    with pytest.raises(OperationFailed, match=f"{side + 1} × 1, and a side of a {kind} file has at most {side} pixels"):
        converted(plain(side + 1, 1), format=kind)


def test_a_quality_of_a_template_may_have_a_point() -> None:
    """50.0 means what 50 means."""
    assert converted(SMOOTH, format="jpeg", quality=50.0) == converted(SMOOTH, format="jpeg", quality=50)


@pytest.mark.parametrize(
    ("params", "color"),
    [
        ({"format": "jpeg"}, (255, 255, 255)),
        ({"format": "jpeg", "background": "#204060"}, (32, 64, 96)),
        ({"format": "jpeg", "background": "transparent"}, (255, 255, 255)),
        ({"format": "png", "background": "#204060"}, (32, 64, 96)),
        ({"format": "png"}, (0, 0, 0, 0)),
    ],
)
def test_what_lies_under_transparent_parts(params: dict[str, Any], color: tuple[int, ...]) -> None:
    """White in a JPEG, never black; elsewhere only what was asked for."""
    assert near(pixel(opened(converted(plain(8, 8, (0, 0, 0, 0), "RGBA"), **params)), 4, 4), color, 2)


def test_half_transparent_parts_are_mixed() -> None:
    """Half black on white is grey."""
    image = opened(converted(plain(8, 8, (0, 0, 0, 128), "RGBA"), format="jpeg"))
    assert near(pixel(image, 4, 4), (127, 127, 127))


def test_webp_keeps_transparent_parts() -> None:
    """Alpha goes through."""
    assert pixel(opened(converted(plain(8, 8, (9, 9, 9, 128), "RGBA"), format="webp")), 4, 4)[3] == 128


def test_srgb_unless_told_to_keep() -> None:
    """For the web the numbers change and the profile goes; with `keep` both stay."""
    data = saved(Image.new("RGB", (16, 16), (200, 60, 60)), icc_profile=wide_profile())
    web, kept = (opened(converted(data, format="png", profile=profile)) for profile in ("srgb", "keep"))
    assert near(pixel(web, 4, 4), (219, 37, 49))
    assert "icc_profile" not in web.info
    assert pixel(kept, 4, 4) == (200, 60, 60)
    assert kept.info["icc_profile"] == wide_profile()
    for kind in ("jpeg", "webp"):
        assert opened(converted(data, format=kind, profile="keep")).info["icc_profile"] == wide_profile()


@pytest.mark.parametrize(("kind", "mode"), [("jpeg", "L"), ("png", "L"), ("webp", "RGB")])
def test_grayscale(kind: str, mode: str) -> None:
    """Green is lighter than blue, and no colour is left."""
    data = saved(quarters(), icc_profile=wide_profile())
    image = opened(converted(data, format=kind, colors="grayscale", profile="keep"))
    assert image.mode == mode
    assert "icc_profile" not in image.info
    grey = image.convert("RGB")
    red, green, blue = pixel(grey, 48, 12)
    assert max(red, green, blue) - min(red, green, blue) <= 2
    assert green > pixel(grey, 16, 36)[0] + 60


def test_fine_colour_from_quality_90_on() -> None:
    """Coloured letters stay sharp in a good JPEG; a small one saves there first."""
    layers = [
        [each[1:3] for each in opened(converted(SMOOTH, format="jpeg", quality=quality)).layer]  # type: ignore[attr-defined]
        for quality in (90, 89)
    ]
    assert layers == [[(1, 1)] * 3, [(2, 2), (1, 1), (1, 1)]]
