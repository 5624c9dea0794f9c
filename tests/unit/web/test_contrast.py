"""The colours, read from the stylesheet, against WCAG 2.2 (1.4.3: 4.5 to 1 for text; 1.4.11: 3 to 1 for parts)."""

import gzip
import re
from pathlib import Path

import pytest

import habeas.web

STYLES = Path(habeas.web.__file__).parent / "static" / "habeas" / "habeas.css"
TEXT, PART = 4.5, 3.0

GROUNDS = ("paper", "surface", "sunken")
TONES = ("accent", "info", "success", "warning", "danger", "neutral")
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "soft", "accent", "accent-deep", "danger") for ground in GROUNDS],
    *[(tone, f"{tone}-tint", TEXT) for tone in TONES],
    *[(tone, ground, TEXT) for tone in TONES for ground in ("paper", "surface")],
    *[("ink", f"{tone}-tint", TEXT) for tone in TONES],
    ("accent-deep", "accent-tint", TEXT),
    ("on-accent", "accent-fill", TEXT), ("on-accent", "accent-press", TEXT),
    ("on-danger", "danger-fill", TEXT), ("on-danger", "danger-press", TEXT),
    ("on-light", "light", TEXT), ("ink", "mark", TEXT), ("paper", "ink", TEXT),
    *[(part, ground, PART) for part in ("edge", "accent-fill", "danger-fill") for ground in ("paper", "surface")],
    *[("ink", ground, PART) for ground in GROUNDS],
]  # fmt: skip


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6}|#[0-9a-f]{3})\b", block))


def themes() -> dict[str, dict[str, str]]:
    css = STYLES.read_text()
    light = tokens(css[css.index(":root") : css.index("@media")])
    dark = tokens(css[css.index("(prefers-color-scheme: dark)") : css.index("/* Scripts whose letters")])
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    """Relative luminance, 0..1. Source: WCAG 2.2, definition of relative luminance."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_both_themes_define_the_same_colours():
    css = STYLES.read_text()
    dark = tokens(css[css.index("(prefers-color-scheme: dark)") : css.index("/* Scripts whose letters")])
    assert dark.keys() == themes()["light"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_every_pair_of_colours_can_be_read(theme, front, ground, least):
    colours = themes()[theme]
    reached = contrast(colours[front], colours[ground])
    assert reached >= least, f"{theme}: {front} on {ground} is {reached:.2f} to 1; it needs {least}"


def test_no_rule_names_a_colour_outside_the_tokens():
    css = re.sub(r"/\*.*?\*/", "", STYLES.read_text(), flags=re.DOTALL)
    screen = css[css.index("*, ::before, ::after") : css.index("@media print")]
    # The mark keeps its own colours in both themes; a page being left is white like any page that loads.
    allowed = re.compile(r"\.mark-(ground|light|door)|\.leaving")
    strays = [line for line in screen.splitlines() if re.search(r"#[0-9a-f]{3,6}\b", line) and not allowed.match(line)]
    assert strays == []


def test_only_logical_directions_are_used():
    css = re.sub(r"/\*.*?\*/", "", STYLES.read_text(), flags=re.DOTALL)
    side = "(left|right|top|bottom)"
    physical = rf"(?<![-\w])({side}|(margin|padding|border)-{side}[-\w]*|(min-|max-)?(width|height))\s*:"
    assert re.findall(physical, re.sub(r"@media[^{]*", "", css)) == []


def test_the_stylesheet_stays_small():
    assert len(gzip.compress(STYLES.read_bytes(), 9)) <= 10_000
