"""XMP packets: put into pictures of three formats and read back by another program, with every pixel as it was."""

from __future__ import annotations

import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from runner.artifact import inspect
from runner.artifact.xmp import MOST_BYTES_JPEG, NAMESPACE, make_packet, packet_of, with_packet
from runner.errors import BadImage
from tests.pictures import chunk, opened, png, quarters, saved, wide_profile

OURS = make_packet("retouch 1.2.3", {"rehearsal": "true", "recipe": "hero", "step": "restyle"})
OTHERS = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
XMP = "{http://ns.adobe.com/xap/1.0/}"
DESCRIPTION = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"


def glass() -> Image.Image:
    """A picture with a clear, a half clear and an opaque part."""
    image = quarters(33, 21).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 10, 10))
    image.paste((90, 120, 150, 128), (10, 10, 20, 20))
    return image


def exif() -> Image.Exif:
    """Notes of a camera that lay on its side."""
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010F] = "A camera"
    return notes


def jpeg_with_adobe_and_film() -> bytes:
    """Four inks, no JFIF segment, and a phone's short film behind the picture."""
    return saved(quarters(33, 21).convert("CMYK"), "JPEG", icc_profile=wide_profile()) + b"a short film"


FILES: dict[str, bytes] = {
    "png": saved(quarters(33, 21)),
    "png with alpha, profile and notes": saved(glass(), icc_profile=wide_profile(), exif=exif()),
    "png with palette": saved(quarters(33, 21).quantize(7)),
    "png 16 bit": png(1, 2, 16, 0, b"\0\x12\x34\0\xff\xff"),
    "png with packet": with_packet(saved(quarters(33, 21)), OTHERS),
    "jpeg": saved(quarters(33, 21), "JPEG"),
    "jpeg progressive": saved(quarters(33, 21), "JPEG", progressive=True),
    "jpeg with profile and notes": saved(quarters(33, 21), "JPEG", icc_profile=wide_profile(), exif=exif()),
    "jpeg with packet": saved(quarters(33, 21), "JPEG", icc_profile=wide_profile(), exif=exif(), xmp=OTHERS),
    "jpeg with film": jpeg_with_adobe_and_film(),
    "webp lossy": saved(quarters(33, 21), "WEBP"),
    "webp lossy with alpha": saved(glass(), "WEBP", quality=60),
    "webp lossy with profile": saved(quarters(33, 21), "WEBP", icc_profile=wide_profile()),
    "webp lossless": saved(quarters(33, 21), "WEBP", lossless=True),
    "webp lossless with alpha": saved(glass(), "WEBP", lossless=True),
    "webp with film": saved(quarters(33, 21), "WEBP") + b"a short film",
    "webp lossless with all": saved(
        glass(), "WEBP", lossless=True, icc_profile=wide_profile(), exif=exif(), xmp=OTHERS
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_packet_goes_in_and_everything_else_stays(name: str) -> None:
    """The image library finds the packet, the same pixels, mode, profile and notes; so does our own reader."""
    before = FILES[name]
    after = with_packet(before, OURS)
    assert packet_of(after) == OURS
    old, new = opened(before), opened(after)
    assert new.info["xmp"] == OURS
    assert (new.mode, new.size, new.tobytes()) == (old.mode, old.size, old.tobytes())
    assert new.info.get("icc_profile") == old.info.get("icc_profile")
    assert dict(new.getexif()) == dict(old.getexif())
    assert new.getpalette() == old.getpalette()
    was, now = inspect(before), inspect(after)
    assert (now.pixels, now.media_type, now.width, now.height) == (was.pixels, was.media_type, was.width, was.height)


@pytest.mark.parametrize("name", FILES)
def test_a_packet_is_replaced_not_added(name: str) -> None:
    """Written twice it is the same file; another takes its place and leaves nothing of the first."""
    once = with_packet(FILES[name], OURS)
    assert with_packet(once, OURS) == once
    assert OTHERS not in once
    back = with_packet(with_packet(once, OTHERS), OURS)
    assert back == once


@pytest.mark.parametrize("name", [name for name in FILES if "packet" not in name and "all" not in name])
def test_a_picture_without_a_packet(name: str) -> None:
    """Nothing is found where nothing is."""
    assert packet_of(FILES[name]) is None


def test_the_frame_of_the_file_is_kept() -> None:
    """Only the packet comes in: without it, a PNG and a JPEG are what they were; EXIF stays the first segment."""
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + OURS)
    body = b"http://ns.adobe.com/xap/1.0/\0" + OURS
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    for name, piece in {
        "png with alpha, profile and notes": text,
        "jpeg with profile and notes": segment,
        "jpeg with film": segment,
    }.items():
        around = with_packet(FILES[name], OURS).split(piece)
        assert len(around) == 2
        assert b"".join(around) == FILES[name]
    data = with_packet(FILES["jpeg with profile and notes"], OURS)
    assert data.index(b"JFIF\0") < data.index(b"Exif\0\0") < data.index(OURS) < data.index(b"ICC_PROFILE\0")
    assert data.index(OURS) < data.index(b"\xff\xda")
    data = with_packet(FILES["png with alpha, profile and notes"], OURS)
    assert data.index(OURS) < data.index(b"IDAT")


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("webp lossy", 0b0000_0100),
        ("webp lossless", 0b0000_0100),
        ("webp lossy with alpha", 0b0001_0100),
        ("webp lossless with alpha", 0b0001_0100),
        ("webp lossy with profile", 0b0010_0100),
        ("webp lossless with all", 0b0011_1100),
    ],
)
def test_the_extended_form_of_a_webp(name: str, flags: int) -> None:
    """Its first chunk says what the file holds and how large the canvas is; the sizes add up; the packet is last."""
    data = with_packet(FILES[name], OURS)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert data[12:20] == b"VP8X\x0a\0\0\0"
    assert data[20:24] == bytes((flags, 0, 0, 0))
    assert (data[24:27], data[27:30]) == (bytes((32, 0, 0)), bytes((20, 0, 0)))
    assert data.count(b"VP8X") == 1
    assert data.rindex(b"XMP ") + 8 + len(OURS) + len(OURS) % 2 == len(data)


def test_what_stands_behind_a_webp_stays_behind_it() -> None:
    """The file's own size counts the picture and the packet, and not the rest."""
    data = with_packet(FILES["webp with film"], OURS)
    assert data == with_packet(FILES["webp lossy"], OURS) + b"a short film"


def test_an_animated_webp_keeps_moving() -> None:
    """Frames, and the flag that announces them, stay."""
    frames = [quarters(33, 21), quarters(33, 21).rotate(180)]
    before = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    after = with_packet(before, OURS)
    assert after[20] == before[20] | 0b0000_0100
    with opened(after) as image:
        assert (image.info["xmp"], getattr(image, "n_frames", 1)) == (OURS, 2)


def test_a_wide_webp_of_every_kind() -> None:
    """Canvas sides of more than one byte, odd and even packets."""
    for lossless in (False, True):
        data = saved(Image.new("RGB", (1025, 300), "teal"), "WEBP", lossless=lossless)
        for packet in (OTHERS, OTHERS + b" "):
            after = with_packet(data, packet)
            assert (after[24:27], after[27:30]) == (b"\x00\x04\x00", b"\x2b\x01\x00")
            assert opened(after).info["xmp"] == packet == packet_of(after)
            assert inspect(after).pixels == inspect(data).pixels


def test_other_programs_packets_in_a_png() -> None:
    """A compressed packet is read, a broken one and a bomb are not; all of them give way to ours."""
    keyword = b"XML:com.adobe.xmp\0"
    bomb = zlib.compress(bytes(17_000_000))
    kinds: list[tuple[bytes, bytes, bytes | None]] = [
        (b"iTXt", keyword + b"\1\0en\0Titel\0" + zlib.compress(OTHERS), OTHERS),
        (b"iTXt", keyword + b"\0\0en\0Titel\0" + OTHERS, OTHERS),
        (b"iTXt", keyword + b"\1\0\0\0" + OTHERS, None),
        (b"iTXt", keyword + b"\1\0\0\0" + zlib.compress(OTHERS)[:-6], None),
        (b"iTXt", keyword + b"\1\0\0\0" + bomb, None),
        (b"iTXt", keyword, None),
        (b"tEXt", b"Raw profile type xmp\0" + OTHERS, None),
    ]
    for kind, body, found in kinds:
        data = png(1, 1, 8, 0, b"\0\0", (kind, body), (b"tEXt", b"Comment\0kept"))
        assert packet_of(data) == found
        after = with_packet(data, OURS)
        assert packet_of(after) == OURS
        assert chunk(kind, body) not in after
        assert chunk(b"tEXt", b"Comment\0kept") in after


def test_the_rest_of_a_long_packet_leaves_a_jpeg_with_its_first_part() -> None:
    """Segments that continue a packet would continue nothing."""
    rest = b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + b"the rest"
    segment = b"\xff\xe1" + (len(rest) + 2).to_bytes(2, "big") + rest
    data = FILES["jpeg with packet"]
    at = data.index(b"\xff\xe2")
    after = with_packet(data[:at] + segment + data[at:], OURS)
    assert b"the rest" not in after
    assert after == with_packet(data, OURS)


def test_a_packet_too_large_for_a_jpeg() -> None:
    """The largest goes in; a byte more is misuse. The other formats have room."""
    largest = b"x" * MOST_BYTES_JPEG
    assert opened(with_packet(FILES["jpeg"], largest)).info["xmp"] == largest
    with pytest.raises(ValueError, match="at most 60000 bytes, this one has 60001"):
        with_packet(FILES["jpeg"], largest + b"x")
    for name in ("png", "webp lossy"):
        assert packet_of(with_packet(FILES[name], largest * 5)) == largest * 5


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"RIFF\x0c\0\0\0WEBPEXIF\0\0\0\0",
        b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0abcd",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """Bytes that hold no picture get no packet."""
    with pytest.raises(BadImage):
        with_packet(data, OURS)


def facts_of(packet: bytes) -> dict[str, str]:
    """What a plain XML parser reads in our packet."""
    (about,) = ElementTree.fromstring(packet).iter(DESCRIPTION)
    return dict(about.items())


def test_what_our_packet_says() -> None:
    """The tool under XMP's own name, the facts in our namespace, about this file."""
    assert facts_of(OURS) == {
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about": "",
        f"{XMP}CreatorTool": "retouch 1.2.3",
        f"{{{NAMESPACE}}}rehearsal": "true",
        f"{{{NAMESPACE}}}recipe": "hero",
        f"{{{NAMESPACE}}}step": "restyle",
    }
    assert OURS.startswith('<?xpacket begin="\ufeff"'.encode())


BUT_SURROGATES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(tool=BUT_SURROGATES, recipe=BUT_SURROGATES)
def test_any_text_comes_back_as_it_was(tool: str, recipe: str) -> None:
    """Quotes, angle brackets, ampersands, marks of order, every script."""
    recipe = f"{recipe}\t\n\"'<&>]]>\r"
    told = facts_of(make_packet(tool, {"recipe": recipe}))
    assert (told[f"{XMP}CreatorTool"], told[f"{{{NAMESPACE}}}recipe"]) == (tool, recipe)


@given(text=st.text(st.characters(exclude_categories=[])))
def test_no_text_breaks_the_xml(text: str) -> None:
    """What XML cannot hold (a control character, half a pair) is replaced, one for one."""
    told = facts_of(make_packet("retouch", {"recipe": text}))[f"{{{NAMESPACE}}}recipe"]
    assert len(told) == len(text)
    assert all(a in (b, "\ufffd") for a, b in zip(told, text, strict=True))


@given(
    name=st.sampled_from(["png", "jpeg", "webp lossy with alpha"]),
    packet=st.text(st.characters(exclude_categories=["Cs"])).map(str.encode) | st.binary(),
)
def test_any_packet_comes_back(name: str, packet: bytes) -> None:
    """Any text or bytes, in every format, leave a file that the image library reads whole."""
    after = with_packet(FILES[name], packet)
    assert packet_of(after) == packet
    assert opened(after).tobytes() == opened(FILES[name]).tobytes()
