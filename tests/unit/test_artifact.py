"""Artifacts: what a picture file is, which files are refused and in which words, and what a model is sent."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from runner.artifact import Artifact, for_model, inspect, open_picture
from runner.digest import of_bytes
from runner.errors import BadImage
from tests.pictures import (
    chunk,
    corners,
    grey_profile,
    ink_profile,
    near,
    opened,
    pixel,
    plain,
    png,
    quarters,
    saved,
    wide_profile,
)

ORIENTATION = 0x0112
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes this orientation has turned the picture."""


def turned(orientation: int, kind: str) -> bytes:
    """The quarters as such a camera stores them, with the note that says so."""
    way = STORED_AS[orientation]
    image = quarters() if way is None else quarters().transpose(way)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    return saved(image, kind, exif=exif, **options)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that no format makes small; the same each time."""
    bands = Image.new(mode, (1, 1)).getbands()
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(width * height * len(bands)))


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [("PNG", "image/png", "png"), ("JPEG", "image/jpeg", "jpg"), ("WEBP", "image/webp", "webp")],
)
def test_the_facts_of_a_file(kind: str, media_type: str, extension: str) -> None:
    """Digest, type, size as seen and bytes, and back from JSON."""
    data = saved(quarters(60, 40), kind)
    facts = inspect(data)
    assert (facts.digest, facts.size) == (of_bytes(data), len(data))
    assert (facts.media_type, facts.extension) == (media_type, extension)
    assert (facts.width, facts.height) == (60, 40)
    assert Artifact.from_json(facts.to_json()) == facts


def test_importing_it_loads_no_image_library() -> None:
    """`retouch validate` knows artifacts without paying for Pillow."""
    code = "import sys, runner.artifact; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_pixel_digest_knows_the_picture_behind_the_file() -> None:
    """The same pixels in another file are the same picture; one pixel, a profile or a turn make another."""
    image = noise(40, 30)
    seen = inspect(saved(image)).pixels
    assert inspect(saved(image, compress_level=0)).pixels == seen
    assert inspect(saved(image, "WEBP", lossless=True)).pixels == seen
    assert inspect(saved(image, icc_profile=wide_profile())).pixels != seen
    assert inspect(saved(image.transpose(Image.Transpose.ROTATE_180))).pixels != seen
    image.putpixel((39, 29), (1, 2, 3))
    assert inspect(saved(image)).pixels != seen


def test_a_palette_counts_by_its_colours() -> None:
    """The same picture with and without a palette."""
    palette = quarters().quantize(4)
    assert inspect(saved(palette)).pixels == inspect(saved(palette.convert("RGB"))).pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STORED_AS)
def test_orientation_is_applied_once(orientation: int, kind: str) -> None:
    """Every position a camera can note comes upright, and what is sent carries no note any more."""
    data = turned(orientation, kind)
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    facts, sent = inspect(data), opened(for_model(data))
    assert (facts.width, facts.height) == (64, 48)
    for image in (open_picture(data), sent):
        assert image.size == (64, 48)
        assert all(near(seen, color, 3) for seen, color in zip(corners(image), wanted, strict=True))
    assert ORIENTATION not in sent.getexif()


def test_a_photo_with_a_second_picture_is_no_animation() -> None:
    """Phones put a depth map behind the photo; the photo is what counts."""
    data = saved(quarters(), "MPO", save_all=True, append_images=[noise(300, 300)])
    assert (inspect(data).width, inspect(data).media_type) == (64, "image/jpeg")
    assert len(for_model(data)) < len(data)
    assert len(for_model(data)) < len(saved(quarters(), "JPEG")) + 100


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    """Which frame is meant nobody knows."""
    data = saved(quarters(), kind, save_all=True, append_images=[quarters().rotate(180)])
    with pytest.raises(BadImage, match="animation"):
        inspect(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"GIF89a\x01\x00", "a GIF"),
        (b"II*\x00....", "TIFF"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x00\x00\x18ftypheic....", "HEIC"),
        (b"\x00\x00\x00\x18ftypavif....", "AVIF"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "web page"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("prompt: größer\n".encode(), "text"),
        (b"\x01\x02\x03\x04" * 50, "not a picture"),
    ],
)
def test_other_files_are_named(data: bytes, words: str) -> None:
    """An author reads what the file is instead, and what to do."""
    with pytest.raises(BadImage, match=words) as caught:
        inspect(data)
    assert caught.value.hint


def interlaced() -> bytes:
    """A PNG that comes in seven passes, which the image library cannot write."""
    passes = ((2, 2), (2, 2), (4, 2), (4, 4), (8, 4), (8, 8), (16, 8))
    rows = b"".join((b"\0" + bytes(range(3 * columns))) * count for columns, count in passes)
    return png(16, 16, 8, 2, rows, interlaced=True)


@pytest.mark.parametrize(
    "data",
    [
        saved(noise(96, 64)),
        saved(noise(96, 64), "JPEG"),
        saved(noise(96, 64), "JPEG", progressive=True),
        saved(noise(96, 64), "WEBP"),
        interlaced(),
    ],
    ids=["png", "jpeg", "progressive jpeg", "webp", "interlaced png"],
)
def test_a_cut_file_is_refused_wherever_it_is_cut(data: bytes) -> None:
    """No beginning of a file passes for the file."""
    inspect(data)
    for end in {*range(12), *range(12, len(data) - 1, max(1, len(data) // 60)), len(data) - 2}:
        with pytest.raises(BadImage):
            inspect(data[:end])


def test_a_png_with_too_few_rows_is_refused() -> None:
    """A file whose frame is right and whose rows are missing: the image library shows it with a black rest."""
    assert opened(png(512, 512, 8, 2, (b"\0" + bytes([200] * 1536)) * 8)).size == (512, 512)
    with pytest.raises(BadImage, match="cut off"):
        inspect(png(512, 512, 8, 2, (b"\0" + bytes([200] * 1536)) * 8))
    with pytest.raises(BadImage, match="cut off"):
        inspect(png(512, 512, 8, 2, (b"\0" + bytes([200] * 1536)) * 511))


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("size", [(1999, 1501), (1023, 1024), (1023, 1025), (1023, 1026)])
def test_a_whole_png_passes_however_small_it_packs(mode: str, size: tuple[int, int]) -> None:
    """Long runs of one value leave their last rows inside the unpacker; they are not missing."""
    assert inspect(saved(Image.new(mode, size), compress_level=9)).height == size[1]


def test_the_photos_of_large_cameras_pass() -> None:
    """108 megapixels, where the image library by itself would warn."""
    assert inspect(saved(Image.new("1", (12_000, 9_000)))).width == 12_000


def test_a_giant_is_refused_before_it_is_unpacked() -> None:
    """The header decides: a small file cannot claim all memory."""
    with pytest.raises(BadImage, match="4900 megapixels"):
        inspect(png(70_000, 70_000, 8, 2, b""))


@pytest.mark.parametrize(
    "head",
    [
        b"VP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2,
        b"VP8L\x0a\0\0\0/\xff\xff\xff\x0f\0",
        b"VP8 \x0a\0\0\0......\xff\x3f\xff\x3f",
    ],
    ids=["canvas", "lossless", "lossy"],
)
def test_a_giant_webp_too(head: bytes) -> None:
    """The three ways in which a WebP says its size."""
    with pytest.raises(BadImage, match="268 megapixels"):
        inspect(b"RIFF" + (len(head) + 4).to_bytes(4, "little") + b"WEBP" + head)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x20\0\0\0WEBP"]))
def test_no_bytes_crash_the_reader(data: bytes, start: bytes) -> None:
    """Whatever stands in a file: a picture or BadImage."""
    with suppress(BadImage):
        inspect(start + data)


@settings(deadline=None)
@given(st.data())
def test_no_damage_crashes_the_reader(data: st.DataObject) -> None:
    """Bytes changed in the middle of a real file: a picture or BadImage, and the same for what is sent."""
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))
    whole = bytearray(saved(quarters(), kind, exif=Image.Exif()))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadImage):
        for_model(bytes(whole))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_right_already_is_sent_untouched(kind: str) -> None:
    """No byte changes without need."""
    data = saved(quarters(), kind)
    assert for_model(data) is data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_metadata_go_and_pixels_stay(kind: str) -> None:
    """Place, maker and notes are cut out; the picture is the same to the last bit."""
    exif = Image.Exif()
    exif[0x010F] = "CANARY maker"
    exif.get_ifd(0x8825)[29] = "CANARY place"
    options = {"xmp": b"<x:xmpmeta>CANARY</x:xmpmeta>"} if kind != "PNG" else {}
    data = saved(noise(50, 40), kind, exif=exif, **options)
    if kind == "PNG":
        data = data[:33] + chunk(b"tEXt", b"Comment\0CANARY note") + data[33:]
    if kind == "JPEG":
        data = data[:2] + b"\xff\xfe\x00\x08CANARY" + data[2:] + b"a short film: \xff\xdb\x00\x08CANARY"
    sent = for_model(data)
    assert data.count(b"CANARY") >= 2
    assert b"CANARY" not in sent
    assert b"Exif" not in sent
    assert sent[12:16] != b"VP8X" or not sent[20] & 0b1100
    assert inspect(sent).pixels == inspect(data).pixels
    assert inspect(sent).media_type == inspect(data).media_type
    assert for_model(sent) is sent


def test_metadata_behind_stray_bytes_go_too() -> None:
    """A JPEG may have junk between its parts; what hides in it is not sent."""
    data = saved(quarters(), "JPEG")
    assert b"CANARY" not in for_model(data[:2] + b"\xff\x00\x00\x08CANARY" + data[2:])


def test_cmyk_without_a_profile() -> None:
    """Full cyan is cyan, paper is white: the print colours of a JPEG are not taken upside down."""
    inks = Image.new("CMYK", (32, 16), (255, 0, 0, 0))
    inks.paste((0, 0, 0, 0), (16, 0, 32, 16))
    image = opened(for_model(saved(inks, "JPEG", quality=100, subsampling=0)))
    assert image.mode == "RGB"
    assert near(pixel(image, 4, 8), (0, 255, 255))
    assert near(pixel(image, 28, 8), (255, 255, 255))


@pytest.mark.parametrize(
    ("inks", "color"),
    [((255, 0, 0, 0), (0, 188, 243)), ((0, 255, 0, 0), (218, 41, 122)), ((0, 0, 0, 0), (255, 255, 255))],
)
def test_cmyk_with_a_profile(inks: tuple[int, ...], color: tuple[int, ...]) -> None:
    """The press says what its inks look like; the colours are worked out by hand from its Lab values."""
    data = saved(Image.new("CMYK", (16, 16), inks), "JPEG", quality=100, icc_profile=ink_profile())
    assert near(pixel(opened(for_model(data)), 8, 8), color)


def test_sixteen_bit_grey_keeps_its_ramp() -> None:
    """256 steps from black to white stay 256 steps; the image library alone makes nearly all of them white."""
    ramp = b"\0" + bytes(half for value in range(256) for half in (value, 255 - value))
    data = png(256, 1, 16, 0, ramp)
    image = opened(for_model(data)).convert("L")
    assert [pixel(image, x, 0)[0] for x in range(256)] == list(range(256))


@pytest.mark.parametrize(("kind", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_sixteen_bit_colour_and_alpha(kind: int, channels: int) -> None:
    """16 bits a channel become the 8 that say the same."""
    values = (0x2020, 0x8080, 0xC0C0, 0xFFFF)[:channels]
    data = png(1, 1, 16, kind, b"\0" + b"".join(value.to_bytes(2, "big") for value in values))
    sent = opened(for_model(data))
    seen = pixel(sent, 0, 0)
    wanted = {2: (0x20, 0x80, 0xC0), 4: (0x20, 0x20, 0x20, 0x80), 6: (0x20, 0x80, 0xC0, 0xFF)}[kind]
    assert near(seen, wanted, 1)
    assert for_model(data)[24] == 8


@pytest.mark.parametrize(("bits", "transparent"), [(8, 200), (16, 51400), (4, 12)])
def test_a_transparent_grey_is_transparent(bits: int, transparent: int) -> None:
    """A PNG may name one value as transparent, in its own depth."""
    stored = {8: bytes((200, 90)), 16: (51400).to_bytes(2, "big") + (90 * 257).to_bytes(2, "big"), 4: bytes((0xC5,))}[
        bits
    ]
    data = png(2, 1, bits, 0, b"\0" + stored, (b"tRNS", transparent.to_bytes(2, "big")))
    image = open_picture(data)
    assert image.mode == "LA"
    assert [pixel(image, x, 0)[1] for x in (0, 1)] == [0, 255]


def test_a_palette_with_transparency_keeps_it() -> None:
    """Palette entries may be half transparent; what is sent shows as much."""
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    sent = opened(for_model(saved(palette, transparency=bytes((255, 77))))).convert("RGBA")
    assert [pixel(sent, x, 0) for x in (0, 1)] == [(255, 0, 0, 255), (0, 0, 255, 77)]


@pytest.mark.parametrize(("mode", "color", "wanted"), [("1", 1, (255, 255, 255)), ("L", 99, (99, 99, 99))])
def test_few_colours_are_still_pictures(mode: str, color: int, wanted: tuple[int, ...]) -> None:
    """Black-and-white and grey drawings."""
    assert pixel(opened(for_model(saved(Image.new(mode, (9, 9), color)))).convert("RGB"), 4, 4) == wanted


def test_a_wide_space_becomes_srgb() -> None:
    """The numbers change so that the colour stays, and the profile goes."""
    data = saved(Image.new("RGB", (8, 8), (200, 60, 60)), icc_profile=wide_profile())
    sent = opened(for_model(data))
    assert near(pixel(sent, 4, 4), (219, 37, 49))
    assert "icc_profile" not in sent.info


def test_alpha_goes_through_a_change_of_space() -> None:
    """Colours change, what shows through does not: in colour and in grey."""
    wide = saved(Image.new("RGBA", (8, 8), (200, 60, 60, 77)), icc_profile=wide_profile())
    grey = saved(Image.new("LA", (8, 8), (128, 77)), icc_profile=grey_profile())
    assert near(pixel(opened(for_model(wide)), 4, 4), (219, 37, 49, 77))
    assert near(pixel(opened(for_model(grey)), 4, 4), (188, 188, 188, 77))


def test_a_profile_that_means_srgb_changes_nothing() -> None:
    """Most cameras attach one."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(quarters(), "JPEG", icc_profile=profile)
    assert for_model(data) is data


@pytest.mark.parametrize("profile", [b"not a profile", wide_profile()[:200], ink_profile()])
def test_a_profile_that_makes_no_sense_is_ignored(profile: bytes) -> None:
    """Broken, cut off, or for inks where there are lights: the numbers are taken as they are."""
    data = saved(Image.new("RGB", (8, 8), (200, 60, 60)), icc_profile=profile)
    assert pixel(opened(for_model(data)), 4, 4) == (200, 60, 60)


def test_nothing_lies_hidden_under_transparent_parts() -> None:
    """A host that drops the alpha channel sees white there, and half transparent parts keep their colour."""
    image = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (9, 8, 7, 100))
    image.putpixel((2, 0), (10, 20, 30, 255))
    sent = opened(for_model(saved(image)))
    assert [pixel(sent, x, 0) for x in range(3)] == [(255, 255, 255, 0), (9, 8, 7, 100), (10, 20, 30, 255)]


def test_too_large_and_opaque_becomes_jpeg() -> None:
    """First the format, then the size."""
    data = saved(noise(40, 30).resize((401, 301), Image.Resampling.BICUBIC))
    sent = for_model(data, limit=len(data) - 1)
    assert len(sent) < len(data)
    assert (inspect(sent).media_type, inspect(sent).width) == ("image/jpeg", 401)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_limit_holds(mode: str) -> None:
    """Whatever it takes: smaller, in the same shape, and alpha is still there."""
    data = saved(noise(400, 300, mode))
    sent = for_model(data, limit=20_000)
    facts = inspect(sent)
    assert len(sent) <= 20_000
    assert abs(facts.width * 3 - facts.height * 4) <= 4
    assert opened(sent).mode == mode
    assert for_model(data, limit=20_000) == sent


def test_an_impossible_limit_is_said() -> None:
    """Rather an error than an endless loop."""
    with pytest.raises(BadImage, match="below 10 bytes"):
        for_model(plain(20, 20), limit=10)


def test_a_photo_stays_a_jpeg_of_full_colour() -> None:
    """Written anew because it lay on its side: no chroma is thrown away on top."""
    data = turned(6, "JPEG")
    sent = Image.open(io.BytesIO(for_model(data)))
    assert sent.format == "JPEG"
    assert [layer[1:3] for layer in sent.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
