"""Which addresses are asked: https and public, or this machine when the base URL is this machine."""

from __future__ import annotations

import pytest

from runner.novita import links

REMOTE = "https://api.novita.ai"
LOCAL = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/a.png?sig=1",
        "https://cdn.example.com:8443/a",
        "https://8.8.8.8/a",
        "https://[2606:4700::1111]/a",
        "https://[64:ff9b::8.8.8.8]/a",
        "https://5.example.com/a",
    ],
)
def test_public_https_links_are_followed(url: str) -> None:
    assert links.why_not(url, REMOTE) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/a",
        "ftp://cdn.example.com/a",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//cdn.example.com/a",
        "cdn.example.com/a",
        "",
        "https://",
        "https://cdn.example.com:99999/",
        "https://cdn.exa mple.com/",
        "https://cdn.example.com/a\r\nHost: x",
        "https://user:word@cdn.example.com/a",
        "https://localhost/a",
        "https://LOCALHOST./a",
        "https://a.localhost/a",
        "https://printer.local/a",
        "https://metadata.google.internal/a",
        "https://127.0.0.1/a",
        "https://127.1/a",
        "https://2130706433/a",
        "https://0x7f.0.0.1/a",
        "https://0x7f000001/a",
        "https://10.0.0.1/a",
        "https://192.168.1.1./a",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/a",
        "https://0.0.0.0/a",
        "https://224.0.0.1/a",
        "https://[::1]/a",
        "https://[fe80::1]/a",
        "https://[fd00::1]/a",
        "https://[::ffff:10.0.0.1]/a",
        "https://[64:ff9b::10.0.0.1]/a",
        "https://[2002:a00:1::]/a",
        "https://[fec0::1]/a",
        "https://[::10.0.0.1]/a",
        "https://[ff02::1]/a",
        "https://[2001:db8::1]/a",
        "https://[/a",
        "https://%31%32%37.0.0.1/a",
        "https://0177.0.0.1/a",
        "https://127.0.0.1.:443/a",
        "https://@cdn.example.com/a",
        "https://cdn..example.com/a",
        "https://.example.com/a",
        "https://" + "a" * 64 + ".example.com/a",
        "https://" + "a." * 130 + "example.com/a",
        "https://cdn.example.com\\@10.0.0.1/a",
        "https://cdn.example.com/\ta",
        "https://cdn.example.com/\x1b[31m",
        "https://ex\u00e4mple.com/a",
        "https://cdn.example.com%00.evil.example/a",
        "https://cdn.<b>.example/a",
        "https://cdn.example.com;x/a",
        "https://cdn.example.com`/a",
        "gopher://cdn.example.com/a",
        "javascript:alert(1)",
    ],
)
def test_other_schemes_and_private_addresses_are_not_followed(url: str) -> None:
    why = links.why_not(url, REMOTE)
    assert why is not None
    assert "?" not in why


@pytest.mark.parametrize(
    "url", [f"{LOCAL}/results/1", "http://localhost:1/a", "https://[::1]/a", "https://x.example/a"]
)
def test_a_host_on_this_machine_may_point_at_this_machine(url: str) -> None:
    assert links.why_not(url, LOCAL) is None


@pytest.mark.parametrize(
    "url", ["http://x.example/a", "https://10.0.0.1/a", "http://192.168.0.1/a", "ftp://127.0.0.1/a"]
)
def test_a_host_on_this_machine_may_not_point_into_the_network_around_it(url: str) -> None:
    assert links.why_not(url, LOCAL) is not None


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("https://127.0.0.1.example.com", False),
        ("https://api.novita.ai", False),
        ("https://10.0.0.1", False),
    ],
)
def test_which_hosts_are_this_machine(url: str, near: bool) -> None:
    assert links.is_loopback(url) is near
