"""Text can be read by tired eyes: 4.5 to 1 (WCAG AA) for every pair of colours that meet, in light and in dark."""

import re

import pytest

from hotline.web.words import STATIC

CSS = (STATIC / "desk.css").read_text(encoding="utf-8")
PAIRS = (
    "text/ground", "text/panel", "soft/ground", "soft/panel", "accent/panel", "accent/accent-tint", "accent-ink/accent",
    "top-ink/top", "top-soft/top", "good/panel", "good/good-tint", "warn/panel", "warn/warn-tint", "bad/panel",
    "bad/bad-tint", "bad/accent-tint", "panel/bad", "alarm-ink/alarm", "amber-ink/amber", "text/caller", "text/agent",
    "text/step",
)  # fmt: skip
ON_STRETCHES = ("ringing", "announcement", "menu", "queue", "message", "talk")


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


LIGHT = colours(CSS[: CSS.index("@media (prefers-color-scheme: dark)")])
DARK = LIGHT | colours(CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index("* { box-sizing")])


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS)
def test_text_stands_out_from_what_is_behind_it(scheme: dict[str, str], pair: str) -> None:
    above, below = pair.split("/")

    assert contrast(scheme[above], scheme[below]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("stretch", ON_STRETCHES)
def test_white_words_on_the_timeline_can_be_read(scheme: dict[str, str], stretch: str) -> None:
    assert contrast("#ffffff", scheme[stretch]) >= 4.5
