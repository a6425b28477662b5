"""Seeds and fingerprints: documented, stable, and blind to what does not change the picture."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from runner import digest, fingerprint


def test_the_seed_formula_is_the_documented_one() -> None:
    """SHA-256 over five parts joined by line ends; first eight bytes, big-endian, modulo the range."""
    number = int.from_bytes(hashlib.sha256(b"retouch-seed-1\n4711\nrestyle\nabc\n1").digest()[:8], "big")
    assert fingerprint.seed(4711, "restyle", "abc", 1, 0, 2147483647) == number % 2147483648


def test_seeds_do_not_change_between_versions() -> None:
    """A recipe of today draws the same seed next year: this number must never change."""
    assert fingerprint.seed(4711, "restyle", "", 1, 0, 2147483647) == 1347202506


@given(st.integers(0, 2**53), st.text(max_size=9), st.integers(1, 16), st.integers(-1, 5), st.integers(6, 2**31))
def test_seeds_stay_in_their_range(root: int, step: str, candidate: int, lowest: int, highest: int) -> None:
    """Every seed lies within the model's own range."""
    assert lowest <= fingerprint.seed(root, step, "item", candidate, lowest, highest) <= highest


def test_no_two_draws_share_a_seed() -> None:
    """Step, item and candidate each give another seed."""
    drawn = {
        fingerprint.seed(1, step, item, candidate, 0, 2**31 - 1)
        for step in ("a", "b", "c")
        for item in ("x", "y")
        for candidate in range(1, 9)
    }
    assert len(drawn) == 3 * 2 * 8


def test_key_order_and_number_form_cost_nothing() -> None:
    """The order of settings, and 4 written as 4.0, make no new request."""
    one = fingerprint.of_call("paid", "m", {"prompt": "p", "guidance_scale": 4, "seed": 1}, ["x"])
    two = fingerprint.of_call("paid", "m", {"seed": 1, "guidance_scale": 4.0, "prompt": "p"}, ["x"])
    assert one == two


def test_what_changes_the_picture_changes_the_fingerprint() -> None:
    """Realm, model, every setting, the pictures and their order all count."""
    base = fingerprint.of_call("paid", "m", {"prompt": "p", "seed": 1}, ["x", "y"])
    others = [
        fingerprint.of_call("rehearsal", "m", {"prompt": "p", "seed": 1}, ["x", "y"]),
        fingerprint.of_call("paid", "n", {"prompt": "p", "seed": 1}, ["x", "y"]),
        fingerprint.of_call("paid", "m", {"prompt": "p.", "seed": 1}, ["x", "y"]),
        fingerprint.of_call("paid", "m", {"prompt": "p", "seed": 2}, ["x", "y"]),
        fingerprint.of_call("paid", "m", {"prompt": "p", "seed": 1}, ["y", "x"]),
        fingerprint.of_call("paid", "m", {"prompt": "p", "seed": 1}, ["x"]),
        fingerprint.of_call("paid", "m", {"prompt": "p", "seed": 1}, ["x", "y"], candidate=1),
    ]
    assert len({base, *others}) == len(others) + 1


def test_files_count_by_their_content() -> None:
    """A font is what its bytes are, whatever it is called."""
    one = fingerprint.of_operation("text", 1, {"font": b"abc"}, ["x"])
    assert one == fingerprint.of_operation("text", 1, {"font": b"abc"}, ["x"])
    assert one != fingerprint.of_operation("text", 1, {"font": b"abd"}, ["x"])
    assert one != fingerprint.of_operation("text", 2, {"font": b"abc"}, ["x"])


def test_canonical_json_is_canonical() -> None:
    """Sorted keys, no spaces, plain UTF-8, whole floats as integers."""
    assert digest.canonical({"b": [1.0, 2.5], "a": "ü"}) == '{"a":"ü","b":[1,2.5]}'.encode()
