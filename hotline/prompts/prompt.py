"""What a prompt is to those who change it: its text, what is played for it, whether the two belong together. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hotline.errors import HotlineError


class Fit(StrEnum):
    """Whether what is played says what the text says."""

    FITS = "fits"
    OLD = "old"  # the text was changed after the sound was made
    MISSING = "missing"  # there is no sound in this language


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteText:
    """The site's own text of a prompt; it wins over the one we come with. `edition` grows with each change."""

    language: str
    prompt_id: str
    text: str
    by: str
    at: datetime
    edition: int


class PromptTextChanged(HotlineError):
    """Somebody else changed the text meanwhile; `details` has theirs, who and when. Nothing was changed."""

    error_id = "prompt-text-changed"

    def __init__(self, theirs: SiteText | None) -> None:
        super().__init__("the prompt's text was changed meanwhile: look at both texts")
        self.details = {
            "edition": theirs.edition if theirs else 0,
            "text": theirs.text if theirs else "",
            "by": theirs.by if theirs else "",
            "at": theirs.at.isoformat() if theirs else None,
        }


def sha_of(text: str) -> str:
    """Return what names a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def fit(
    text: SiteText | None, shipped: str, *, has_sound: bool, is_own: bool, of_text: str, made: datetime | None
) -> Fit:
    """Tell whether what is played fits the text.

    `of_text` names the text that the site's own recording was made for, "" where nobody said; then it is old if the
    site's text is younger than the recording (`made`). What we come with was made for the text we come with.
    """
    if not has_sound:
        return Fit.MISSING
    present = text.text if text else shipped
    if not is_own:
        return Fit.FITS if present == shipped else Fit.OLD
    if of_text:
        return Fit.FITS if of_text == sha_of(present) else Fit.OLD
    return Fit.OLD if text and made and made < text.at else Fit.FITS
