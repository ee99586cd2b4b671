"""Whether what is played says what the text says."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.prompts.prompt import Fit, SiteText, fit, sha_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEW = SiteText(language="zh", prompt_id="greeting", text="新的", by="boss", at=NOON, edition=1)


@pytest.mark.parametrize(
    ("text", "is_own", "of_text", "made", "wanted"),
    [
        (None, False, "", None, Fit.FITS),
        (NEW, False, "", None, Fit.OLD),
        (None, True, sha_of("原来的"), NOON, Fit.FITS),
        (None, True, sha_of("更早的"), NOON, Fit.OLD),  # a new release brought another text
        (NEW, True, sha_of("新的"), NOON, Fit.FITS),
        (NEW, True, sha_of("原来的"), NOON, Fit.OLD),
        (NEW, True, "", NOON - timedelta(hours=1), Fit.OLD),
        (NEW, True, "", NOON + timedelta(hours=1), Fit.FITS),
        (NEW, True, "", None, Fit.FITS),
    ],
)
def test_a_sound_is_old_when_the_text_was_changed_after_it_was_made(
    text: SiteText | None, *, is_own: bool, of_text: str, made: datetime | None, wanted: Fit
) -> None:
    assert fit(text, "原来的", has_sound=True, is_own=is_own, of_text=of_text, made=made) is wanted


def test_without_a_sound_in_its_language_a_prompt_is_missing() -> None:
    assert fit(None, "x", has_sound=False, is_own=False, of_text="", made=None) is Fit.MISSING
