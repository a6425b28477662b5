"""XMP: what a picture file says of itself in words that any program can read, written without touching a pixel.

A packet is a small XML document. A PNG holds it in a text chunk, a JPEG in a segment beside EXIF, a WebP in the last
chunk of its extended form. Everything else in the file stays byte for byte as it was: pixels, colour profile, EXIF, and
what stands behind the picture. Sources: XMP parts 1 and 3 (ISO 16684-1), PNG (third edition), and the WebP container's
and lossless bitstream's descriptions.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from runner.artifact import metadata
from runner.errors import BadImage

NAMESPACE = "urn:retouch:1.0:"
"""Of the facts that are ours."""
MOST_BYTES_JPEG = 60_000
"""Largest packet in a JPEG, whose segments end at 65,535 bytes with everything in them."""
_MOST_BYTES_COMPRESSED = 16_000_000
"""Largest packet that is unpacked from a PNG: a bomb is not read."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, written out or escaped: most control characters and halves of pairs."""
_REPLACED = "\ufffd"

_PNG_KEYWORD = b"XML:com.adobe.xmp"
_PNG_KEYWORDS = frozenset((_PNG_KEYWORD, b"Raw profile type xmp"))
"""The second is an older habit of some programs; it goes when ours comes, so that no two packets disagree."""
_PNG_TEXTS = frozenset((b"iTXt", b"tEXt", b"zTXt"))
_PNG_AFTER_HEADER = 8 + 25

_APP0, _APP1, _SCAN = 0xE0, 0xE1, 0xDA
_JPEG_START = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_STARTS = (_JPEG_START, b"http://ns.adobe.com/xmp/extension/\0")
"""The second holds the rest of a packet too large for one segment, and is of no use without its first part."""

_WEBP_ALPHA, _WEBP_XMP = 0b0001_0000, 0b0000_0100
"""Bits in the VP8X chunk that announce transparent parts and XMP."""


def make_packet(tool: str, facts: Mapping[str, str]) -> bytes:
    """An XMP packet: `tool` as the program that made the picture, `facts` in our namespace, in their order.

    Names of facts are plain words; values may be any text. What XML cannot hold becomes U+FFFD. Equal facts give equal
    bytes: no date, no number of its own.
    """
    written = [("xmp:CreatorTool", tool), *((f"retouch:{name}", value) for name, value in facts.items())]
    lines = "".join(f"\n    {name}={quoteattr(_NO_XML.sub(_REPLACED, value))}" for name, value in written)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '    xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        f'    xmlns:retouch="{NAMESPACE}"{lines}/>\n'
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'  # read-only: a change in place would break a PNG's checksum
    ).encode()


def with_packet(data: bytes, packet: bytes) -> bytes:
    """The same picture file with this packet, in place of one that is there.

    Raises ValueError for a packet above MOST_BYTES_JPEG in a JPEG, BadImage when the bytes are no PNG, JPEG or WebP.
    """
    put = {"image/png": _into_png, "image/jpeg": _into_jpeg, "image/webp": _into_webp}[_media_type(data)]
    return put(data, packet)


def packet_of(data: bytes) -> bytes | None:
    """The packet in a picture file; None where there is none, or none that can be read. Raises BadImage for others.

    Of a packet in several parts (a JPEG's, above 64 kB) only the first is given.
    """
    media_type = _media_type(data)
    if media_type == "image/png":
        found = (_png_text(data[at + 8 : end - 4]) for kind, at, end in metadata.png_chunks(data) if kind == b"iTXt")
        return next((text for text in found if text is not None), None)
    if media_type == "image/jpeg":
        segments = (data[at + 4 : end] for at, end in _jpeg_packets(data))
        return next((each[len(_JPEG_START) :] for each in segments if each.startswith(_JPEG_START)), None)
    return next((body for kind, body in _webp_bodies(data) if kind == b"XMP "), None)


REHEARSAL = {"rehearsal": "true"}
"""The fact that makes a picture a stand-in, whatever becomes of its file."""


def is_rehearsal(data: bytes) -> bool:
    """Whether a picture file says of itself that it is a stand-in. Raises BadImage as packet_of does."""
    packet = packet_of(data) or b""
    return NAMESPACE.encode() in packet and b'retouch:rehearsal="true"' in packet


def _media_type(data: bytes) -> str:
    from runner.artifact import reading  # brings the image library with it, which our importers can do without

    return reading.recognise(data)


def _spliced(data: bytes, at: int, piece: bytes, gone: list[tuple[int, int]]) -> bytes:
    """The bytes with a piece put in at a place, and without some stretches, given in order, that do not hold it."""
    out, done = bytearray(), 0
    for start, end in sorted([(at, at), *gone]):
        out += data[done:start]
        if start == end == at:
            out += piece
        done = end
    return bytes(out + data[done:])


def _into_png(data: bytes, packet: bytes) -> bytes:
    """Right behind the header, before the pixels, and not compressed: so every reader finds it."""
    gone = [
        (at, end)
        for kind, at, end in metadata.png_chunks(data)
        if kind in _PNG_TEXTS and data[at + 8 : end - 4].partition(b"\0")[0] in _PNG_KEYWORDS
    ]
    body = b"iTXt" + _PNG_KEYWORD + b"\0\0\0\0\0" + packet  # not compressed, no language, no translated keyword
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return _spliced(data, _PNG_AFTER_HEADER, chunk, gone)


def _png_text(body: bytes) -> bytes | None:
    """The text of an international text chunk that holds XMP."""
    keyword, _, rest = body.partition(b"\0")
    parts = rest[2:].split(b"\0", 2)
    if keyword != _PNG_KEYWORD or len(parts) < 3:
        return None
    if not rest[0]:
        return parts[2]
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(parts[2], _MOST_BYTES_COMPRESSED)
    except zlib.error:
        return None
    return text if unpacker.eof else None


def _into_jpeg(data: bytes, packet: bytes) -> bytes:
    """Behind JFIF's and EXIF's segments, which some readers expect to be the first."""
    if len(packet) > MOST_BYTES_JPEG:
        raise ValueError(f"a packet in a JPEG has at most {MOST_BYTES_JPEG} bytes, this one has {len(packet)}")
    place = 2
    for marker, at, end in metadata.jpeg_segments(data):
        if marker != _APP0 and not (marker == _APP1 and data[at + 4 : at + 10] == b"Exif\0\0"):
            break
        place = end
    body = _JPEG_START + packet
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return _spliced(data, place, segment, _jpeg_packets(data))


def _jpeg_packets(data: bytes) -> list[tuple[int, int]]:
    """Start and end of each segment that holds XMP; they stand before the first scan."""
    found = []
    for marker, at, end in metadata.jpeg_segments(data):
        if marker == _SCAN:
            break
        if marker == _APP1 and data[at + 4 : end].startswith(_JPEG_STARTS):
            found.append((at, end))
    return found


def _into_webp(data: bytes, packet: bytes) -> bytes:
    """As the last chunk, announced in the first one, which is made where the file has none."""
    chunks = [each for each in _webp_bodies(data) if each[0] != b"XMP "]
    if not chunks:
        raise _broken()
    header = chunks.pop(0)[1] if chunks[0][0] == b"VP8X" else _webp_header(*chunks[0])
    if len(header) < 10:
        raise _broken()
    header = bytes((header[0] | _WEBP_XMP,)) + header[1:]
    body = b"WEBP" + b"".join(
        kind + len(each).to_bytes(4, "little") + each + bytes(len(each) % 2)
        for kind, each in [(b"VP8X", header), *chunks, (b"XMP ", packet)]
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body + data[8 + _length(data, 0) :]


def _webp_header(kind: bytes, picture: bytes) -> bytes:
    """The VP8X chunk for a file that has only a picture: 4 bytes of flags, then width and height, less 1, in 3 each."""
    if kind == b"VP8 " and picture[3:6] == b"\x9d\x01\x2a":  # lossy: always opaque without an ALPH chunk
        width, height = (int.from_bytes(picture[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        flags = 0
    elif kind == b"VP8L" and picture[:1] == b"\x2f":  # lossless: 14 bits width, 14 bits height, 1 bit alpha
        bits = int.from_bytes(picture[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _WEBP_ALPHA if bits >> 28 & 1 else 0
    else:
        raise _broken()
    return flags.to_bytes(4, "little") + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _webp_bodies(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each chunk."""
    return [(kind, data[at + 8 : at + 8 + _length(data, at)]) for kind, at, _ in metadata.webp_chunks(data)]


def _length(data: bytes, at: int) -> int:
    """Bytes that a chunk of a RIFF file says it holds."""
    return int.from_bytes(data[at + 4 : at + 8], "little")


def _broken() -> BadImage:
    return BadImage("this picture is damaged and cannot be read", hint="open it in an image editor and save it again")
