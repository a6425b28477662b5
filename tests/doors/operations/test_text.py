"""`text`: where words stand, how they break, and what cannot be drawn."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from runner.errors import OperationFailed
from runner.operations import OPERATIONS, text
from tests.pictures import near, opened, pixel, plain

BLACK = plain(400, 300, "black")
FONT = (files("ttf_opensans") / "ttf" / "OpenSans-Bold.ttf").read_bytes()


def lettered(text: str, base: bytes = BLACK, **params: Any) -> Image.Image:
    """The words on a black picture of 400 by 300."""
    return opened(OPERATIONS["text"].apply([base], {"text": text} | params))


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of everything that is not black."""
    box = image.getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(
    ("anchor", "right", "down"),
    [
        ("top-left", 0, 0),
        ("top", 1, 0),
        ("top-right", 2, 0),
        ("left", 0, 1),
        ("center", 1, 1),
        ("right", 2, 1),
        ("bottom-left", 0, 2),
        ("bottom", 1, 2),
        ("bottom-right", 2, 2),
    ],
)
def test_words_stand_at_their_anchor_within_the_margin(anchor: str, right: int, down: int) -> None:
    """From a capital's top to a p's bottom, 20 pixels from the edges that the anchor names."""
    left, top, end, bottom = ink(lettered("Hip", anchor=anchor, margin=20, size=40))
    places = (left, (left + end) / 2, end)[right], (top, (top + bottom) / 2, bottom)[down]
    wanted = (20, 200, 380)[right], (20, 150, 280)[down]
    assert abs(places[0] - wanted[0]) <= 4
    assert abs(places[1] - wanted[1]) <= 2


def test_size_is_a_share_of_the_height() -> None:
    """The same share on a picture twice as high gives letters twice as high."""
    small, large = ink(lettered("H", size="20%")), ink(lettered("H", plain(800, 600, "black"), size="20%"))
    assert abs((large[3] - large[1]) - 2 * (small[3] - small[1])) <= 2


def test_long_lines_break_between_words() -> None:
    """The block stays within its largest width and grows downwards."""
    one = ink(lettered("one two", size=30))
    many = ink(lettered("one two three four five six seven eight nine", size=30, max_width="50%"))
    assert many[2] - many[0] <= 200
    assert many[3] - many[1] > 3 * (one[3] - one[1])


def test_line_breaks_of_the_author_are_kept() -> None:
    """Two lines, each where it was written; blank lines around do not count."""
    two = lettered("HH\nHH", size=30, line_spacing=2, anchor="top")
    rows = [y for y in range(300) if two.crop((0, y, 400, y + 1)).getbbox()]
    gaps = [b - a for a, b in pairwise(rows) if b - a > 1]
    assert len(gaps) == 1
    assert lettered("\n\nHH\nHH\n\n", size=30, line_spacing=2, anchor="top") == two


@pytest.mark.parametrize(("align", "side"), [("left", 0), ("right", 2)])
def test_align_moves_the_shorter_line(align: str, side: int) -> None:
    """Flush at the side that was asked for."""
    image = lettered("HHHHHHHH\nH", size=30, anchor="top", align=align, line_spacing=2)
    long, short = ink(image.crop((0, 0, 400, 50))), ink(image.crop((0, 60, 400, 300)))
    assert abs(long[side] - short[side]) <= 1


def test_letters_have_their_colour_and_nothing_else_changes() -> None:
    """Solid inside the letters, the base everywhere else."""
    image = lettered("I", plain(400, 300, (10, 20, 30)), size=200, color="#ff8800", anchor="center")
    assert pixel(image, 200, 150) == (255, 136, 0)
    assert pixel(image, 20, 20) == (10, 20, 30)


def test_edges_of_letters_blend_without_fringes() -> None:
    """White letters on a transparent picture are white to their very edge."""
    image = lettered("Oo", plain(400, 300, (0, 0, 0, 0), "RGBA"), size=80)
    colors = image.getcolors(1 << 16)
    assert colors is not None
    seen = [color for _, color in colors if isinstance(color, tuple) and color[3] > 0]
    assert any(color[3] < 255 for color in seen)
    assert all(min(color[:3]) >= 254 for color in seen)


def test_an_outline_surrounds_the_letters() -> None:
    """The ink grows by its width on every side: a red line around a white stem."""
    bare = ink(lettered("H", size=100, anchor="center"))
    lined = lettered("H", size=100, anchor="center", outline="red", outline_width=5)
    left, top, right, bottom = ink(lined)
    assert right - left - (bare[2] - bare[0]) in range(8, 13)
    assert bottom - top - (bare[3] - bare[1]) in range(8, 13)
    assert near(pixel(lined, left + 2, 150), (255, 0, 0))
    assert near(pixel(lined, left + 8, 150), (255, 255, 255))


def test_a_shadow_falls_below() -> None:
    """Down and to the right, softly."""
    bare = ink(lettered("H", size=100, anchor="center"))
    shaded = ink(lettered("H", size=100, anchor="center", shadow="#888"))
    assert shaded[2] > bare[2] + 3
    assert shaded[3] > bare[3] + 3


def test_a_box_lies_behind_the_text() -> None:
    """As wide as the text and its padding, and as solid as was asked."""
    image = lettered("HH", size=40, box="red", box_opacity=0.5, box_padding=10, anchor="top-left", margin=20)
    left, top, right, bottom = ink(image)
    assert (left, top) == (20, 20)
    assert near(pixel(image, 22, 22), (128, 0, 0), 1)
    assert near(pixel(image, right - 2, bottom - 2), (128, 0, 0), 1)


@settings(deadline=None, max_examples=40)
@given(
    st.text("abc dgjHW\n", min_size=1, max_size=60),
    st.integers(40, 200),
    st.integers(40, 200),
    st.sampled_from(["top-left", "center", "bottom-right"]),
    st.booleans(),
)
def test_text_stays_within_the_margin_or_is_refused(
    text: str, width: int, height: int, anchor: str, shrink: bool
) -> None:
    """Never a letter cut by the edge: the ink keeps away from it, or nothing is drawn."""
    with suppress(OperationFailed):
        image = lettered(text, plain(width, height, "black"), size=14, anchor=anchor, margin=4, shrink=shrink)
        _keeps_away(image)


def _keeps_away(image: Image.Image) -> None:
    """No ink in the outermost three pixels."""
    width, height = image.size
    box = image.getbbox()
    assert box is None or (box[0] >= 3 and box[1] >= 3 and box[2] <= width - 3 and box[3] <= height - 3)


def test_what_does_not_fit_is_said_with_the_sizes() -> None:
    """Text, picture and letters, and what to do."""
    with pytest.raises(OperationFailed, match=r"does not fit .* 400 × 300, in letters of 150 pixels") as caught:
        lettered("A long sentence in large letters", size="50%")
    assert "shrink: true" in str(caught.value.hint)


def test_shrink_finds_the_largest_letters_that_fit() -> None:
    """The same text then fills the picture, and one pixel more would not fit."""
    text = "A long sentence in large letters"
    image = lettered(text, size="50%", shrink=True)
    sizes = [size for size in range(6, 150) if _fits(text, size)]
    assert image == lettered(text, size=max(sizes))
    with pytest.raises(OperationFailed, match="even in the smallest"):
        lettered("word " * 300, plain(60, 40), shrink=True)


def test_a_letter_that_the_font_lacks_is_named() -> None:
    """No little boxes instead of letters: each is named once, and a font file is the way out."""
    with pytest.raises(OperationFailed, match="built-in font, Open Sans, has no letter for 茶 ☕ ◌\u030c") as caught:
        lettered("tea 茶茶 ☕ x\u030c")
    assert "font:" in str(caught.value.hint)


@pytest.mark.parametrize(
    "text",
    ["café", "Größe", "Łódź", "tiếng", "Ελλάδα", "Зима", "їжак", "„10 €“", "‘a’ – “b” — …", "3 × ½ m²", "№ 5 ®"],
)
def test_the_built_in_font_has_the_letters_of_europe(text: str) -> None:
    """Each letter of the text leaves ink of its own, and no two letters share a shape."""
    drawn = [lettered(letter, size=60, anchor="center").tobytes() for letter in set(text) - {" "}]
    assert opened(BLACK).tobytes() not in drawn
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("anchor", ["top", "bottom"])
def test_accents_are_not_cut_by_the_edge(anchor: str) -> None:
    """They may hang into the margin; without a margin the text moves until they are on the picture."""
    whole, edge = (ink(lettered("ẾḀ", size=80, anchor=each, margin=0)) for each in ("center", anchor))
    assert edge[3] - edge[1] == whole[3] - whole[1]
    with pytest.raises(OperationFailed, match="does not fit"):
        lettered("ẾḀ", plain(200, 80, "black"), size=80, anchor=anchor, margin=0)


def test_an_accent_of_its_own_joins_its_letter() -> None:
    """The same word, whichever way the keyboard of its author wrote it."""
    assert lettered("cafe\u0301") == lettered("caf\u00e9")


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        ("10\u00a0€", "10 €"),
        ("10\u202f€", "10 €"),
        ("e\u2011mail", "e-mail"),
        ("soft\u00adly", "softly"),
        ("so\u200dft\u2060ly\ufe0f", "softly"),
        ("one\r\ntwo", "one\ntwo"),
    ],
    ids=["no-break space", "narrow space", "no-break hyphen", "soft hyphen", "unseen signs", "Windows line end"],
)
def test_signs_without_a_shape_of_their_own_never_stop_a_text(text: str, plainly: str) -> None:
    """Nor do they leave little boxes: spaces are spaces, hyphens are hyphens, and the unseen stays unseen."""
    assert lettered(text, size=30) == lettered(plainly, size=30)


def test_a_font_file_draws_other_letters_than_the_built_in_font() -> None:
    """Bold ones are wider; the file is given as bytes."""
    ours, theirs = ink(lettered("Hip", size=60)), ink(lettered("Hip", size=60, font=FONT))
    assert theirs[2] - theirs[0] > ours[2] - ours[0]


def test_an_unreadable_font_is_said() -> None:
    """What came is no font file."""
    with pytest.raises(OperationFailed, match="font file cannot be read"):
        lettered("a", font=b"no font at all")


def test_a_font_file_that_is_damaged_further_in_is_said() -> None:
    """It opens, and only its letters cannot be drawn; nobody sees the words of the font library."""
    font = bytearray(FONT)
    start = font.index(b"glyf")
    begin, length = (int.from_bytes(font[start + at : start + at + 4], "big") for at in (8, 12))
    font[begin + length // 20 : begin + length] = b"\x7f" * (length - length // 20)
    damaged = bytes(font)
    with pytest.raises(OperationFailed, match="font file cannot be read"):
        lettered("Hello Wörld", font=damaged)


def test_what_a_font_cannot_draw_is_known_before_any_picture() -> None:
    """Each letter that is lacking, not the first ones only, and a file that is no font."""
    many = "茶道具店東京駅前広場"
    assert text.objection({"text": f"Tea {many}{many}"}) == (
        f"the built-in font, Open Sans, has no letter for {' '.join(many)}; "
        "give a font file that has it: `font: my-font.ttf`"
    )
    assert text.objection({"text": "a", "font": b"no font at all"}) == (
        "the font file cannot be read; give a .ttf or .otf file that is whole"
    )
    assert text.objection({"text": "Größe", "font": FONT, "size": 16000}) is None


def test_a_blank_text_changes_nothing() -> None:
    """A template may come out empty."""
    assert lettered(" \n ") == opened(BLACK)


def _fits(text: str, size: int) -> bool:
    try:
        lettered(text, size=size)
    except OperationFailed:
        return False
    return True
