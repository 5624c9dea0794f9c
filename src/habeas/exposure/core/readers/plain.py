"""Plain text in whatever encoding it came."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from habeas.exposure.core.documents import UnreadableFile
from habeas.exposure.core.readers import Budget, Reading

# One character in a hundred may be lost before a text counts as unreadable.
LOST_SHARE = 0.01

_HEAD_BYTES = 32_768
_SAMPLE_BYTES = 100_000

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Escape codes of the terminal (0x1b) and page breaks do stand in text.
_BINARY_BYTES = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b") + b"\x7f"
_BINARY_CHARACTERS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
# Letters and signs that windows-1252 has where Polish, Czech or Turkish code pages have others are left out.
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáãåæçñíìîïóòôõøœúùûÉÈÊÀÂÁÅÆÇÑÍÓØÚ€‚„…‘’“”•–—§°«»©®™£¿¡·´\u00a0\u00ad")

# What people's programs write; left to itself, the search also finds typewriters of the seventies.
_LIKELY = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_2", "iso8859_5",
    "iso8859_7", "iso8859_8", "iso8859_9", "iso8859_15", "koi8_r", "koi8_u", "cp850", "cp852", "cp866", "mac_roman",
    "mac_cyrillic", "cp874", "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949",
)  # fmt: skip

# Python's codecs that are no encodings of files: two of them take time that grows with the square of the length.
_NO_ENCODINGS = {
    "idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape", "undefined",
    "mbcs", "oem",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text out of bytes. note: what a reader should know about it, or ""."""

    text: str
    encoding: str
    note: str


def read(data: bytes, name: str, budget: Budget) -> Reading:
    """The whole text as one piece. Raises UnreadableFile: encoding, unknown_type."""
    decoded = decode(data, name)
    notes = [decoded.note] if decoded.note else []
    if "\0" in decoded.text:
        notes.append("NUL characters were left out")
    return Reading(pieces=[("text", decoded.text)], notes=notes)


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """Text out of bytes: by byte order mark, as declared, as UTF-8, as UTF-16 by its zeros, then by likelihood.

    declared: the label a mail or page gives, if any
    Raises UnreadableFile: encoding where too much would be lost, unknown_type where it is no text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding, name, certain=True)
    label = codec_of(declared)
    strict = _strictly(data, "utf-8")
    zeros = b"\0" in data and _by_zeros(data)
    if strict is not None and not zeros:
        # Bytes that are valid UTF-8 by chance hardly exist, so this outdoes a label that says otherwise.
        if label and label not in {"utf-8", "ascii"} and _MULTIBYTE.search(data):
            return Decoded(strict, "utf-8", f"decoded as UTF-8, though the file says {label}")
        if label is None or not label.startswith(("utf-7", "iso2022", "hz", "utf-16", "utf-32")):
            return Decoded(strict, "utf-8", "")
    if label is not None:
        text = _strictly(data, label)
        if text is not None and not _looks_binary(text):
            note = "" if label in {"utf-8", "ascii"} else f"decoded as {_display(label)}, as the file says"
            return Decoded(text, label, note)
    if strict is not None and not zeros:
        return Decoded(strict, "utf-8", "")
    if zeros:
        text = _strictly(data, zeros)
        if text is not None and not _looks_binary(text):
            return Decoded(text, zeros, f"decoded as {_display(zeros)}, by its pattern: the file does not say")
    if not may_be_text(data):
        raise UnreadableFile(
            "unknown_type",
            f"{name} is not text, nor of another kind that can be read: save it as PDF or text, or send a screenshot.",
        )
    return _by_likelihood(data, name)


def codec_of(label: str | None) -> str | None:
    """Python's name of the encoding that a mail or page declares, or None where there is none of that name."""
    if not label or len(label) > 40:
        return None
    try:
        codec = codecs.lookup(label.strip().strip("\"'"))
        "".encode(codec.name)  # refuses codecs that are not of text
    except (LookupError, ValueError, TypeError):
        return None
    if codec.name in _NO_ENCODINGS:
        return None
    # As browsers and mail programs do: who writes latin-1 or ASCII means windows-1252.
    return "cp1252" if codec.name == "iso8859-1" else codec.name


def sniffable_head(data: bytes) -> bytes:
    """The first 32 KB as ASCII-compatible bytes without byte order mark, to look for tags and header lines in."""
    head = data[:_HEAD_BYTES]
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    return head


def may_be_text(data: bytes) -> bool:
    """Whether the bytes can be text in some encoding: few bytes that no text holds, or zeros as UTF-16 has them."""
    if data.startswith(tuple(mark for mark, _ in _BOMS)):
        return True
    sample = data[:_SAMPLE_BYTES]
    binary = len(sample) - len(sample.translate(None, _BINARY_BYTES))
    return binary <= max(3, len(sample) * 0.05) or bool(_by_zeros(data))


def _decode_as(data: bytes, encoding: str, name: str, *, certain: bool) -> Decoded:
    """Decode with replacement; too much lost raises UnreadableFile('encoding')."""
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode(encoding))
    if lost <= 0:
        return Decoded(text, encoding, "" if certain else f"decoded as {_display(encoding)}")
    if lost >= len(text) * LOST_SHARE:
        raise _undecodable(name)
    return Decoded(
        text, encoding, f"decoded as {_display(encoding)}; {lost} damaged characters were replaced by \ufffd"
    )


def _undecodable(name: str) -> UnreadableFile:
    return UnreadableFile(
        "encoding", f"The letters of {name} cannot be decoded: save it as UTF-8 text, or paste its text."
    )


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _by_zeros(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes stand; "" where they stand otherwise."""
    sample = data[: _SAMPLE_BYTES // 4 * 4]
    zeros = sample.count(0)
    if zeros < 2 or len(sample) < 4:
        return ""
    if len(data) % 4 == 0 and zeros > len(sample) * 0.6:
        if sample[1::4].count(0) + sample[2::4].count(0) + sample[3::4].count(0) > zeros * 0.95:
            return "utf-32-le"
        if sample[0::4].count(0) + sample[1::4].count(0) + sample[2::4].count(0) > zeros * 0.95:
            return "utf-32-be"
    if len(data) % 2 == 0 and zeros > len(sample) * 0.02:
        at_even = sample[0::2].count(0)
        if at_even <= zeros * 0.05:
            return "utf-16-le"
        if at_even >= zeros * 0.95:
            return "utf-16-be"
    return ""


def _by_likelihood(data: bytes, name: str) -> Decoded:
    """Not valid UTF-8: damaged UTF-8, windows-1252, or what charset-normalizer finds."""
    whole = len(_MULTIBYTE.findall(data[:_SAMPLE_BYTES]))
    if whole > 3 * data[:_SAMPLE_BYTES].decode("utf-8", "replace").count("\ufffd"):
        return _decode_as(data, "utf-8", name, certain=False)
    sample = _telling_sample(data)
    western = _strictly(data, "cp1252")
    if western is not None:
        foreign = [character for character in sample.decode("cp1252", "replace") if character > "\x7f"]
        if len(foreign) <= max(2, len(sample) * 0.25) and _WESTERN.issuperset(foreign):
            return Decoded(western, "cp1252", "decoded as windows-1252, by likelihood: check accented letters")
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_LIKELY)).best()
    if best is not None:
        text = data.decode(best.encoding, "replace")
        lost = text.count("\ufffd")
        if not _looks_binary(text) and lost < max(1, len(text) * LOST_SHARE):
            note = f"decoded as {_display(best.encoding)}, by likelihood: check accented letters"
            return Decoded(text, best.encoding, note if not lost else f"{note}; {lost} characters were lost")
    return _decode_as(data, "utf-8", name, certain=False)


def _telling_sample(data: bytes) -> bytes:
    """At most 100 KB that show the encoding: in a long text, the surroundings of what is not ASCII."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    stretches: list[bytes] = []
    taken = end = 0
    for match in _NON_ASCII.finditer(data):
        if match.start() < end:
            continue
        start = max(end, match.start() - 50)
        end = min(match.end() + 150, match.start() + 2_000)
        stretches.append(data[start:end])
        taken += end - start
        if taken >= _SAMPLE_BYTES:
            break
    return b"\n".join(stretches)


def _looks_binary(text: str) -> bool:
    return len(_BINARY_CHARACTERS.findall(text[:_SAMPLE_BYTES])) > max(3, len(text[:_SAMPLE_BYTES]) * 0.05)


def _display(encoding: str) -> str:
    return {"cp1252": "windows-1252", "cp1251": "windows-1251", "cp1250": "windows-1250"}.get(
        encoding, encoding.replace("_", "-")
    )
