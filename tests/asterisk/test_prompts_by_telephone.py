"""A supervisor's own recording, spoken into the telephone, is what callers hear from then on."""

import pytest

from hotline.voice.prompts import prompt_ids
from hotline.voice.shelf import Shelf
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_prompt_spoken_into_a_supervisors_telephone_wins_over_the_rendered_one(site: Site) -> None:
    place = prompt_ids(site.settings.sounds_directory).index("goodbye") + 1
    shelf = Shelf.of(site.settings)
    rendered = shelf.sound("goodbye").seconds

    site.console(f"channel originate Local/*77{place:03}@from-supervisors/n application Playback beep&satisfaction")

    laid = site.home / "asterisk" / "data" / "sounds" / "zh" / "goodbye.wav"

    async def wins() -> bool:
        return laid.resolve().is_relative_to(site.home / "prompts")  # what the switch itself plays

    await site.eventually(wins, limit=40, what="the spoken prompt wins")
    assert shelf.is_own("goodbye")
    assert shelf.sound("goodbye").seconds > rendered + 2


async def test_an_agents_telephone_cannot_record_prompts(site: Site) -> None:
    said = site.console("dialplan show *77001@from-agents")

    assert "no existence" in said.lower() or "there is no" in said.lower()
