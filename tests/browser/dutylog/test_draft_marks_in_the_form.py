import wave
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from hotline.calls.state import CallState
from hotline.transcribe.transcript import Side
from tests.fakes.web_desk import PASSWORD, MorningClock, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SAID = (
    (Side.CALLER, 28.8, "你好，我家厨房水管漏水了，我住6栋2单元1501。", 0.88),
    (Side.AGENT, 43.2, "好的，工程师傅三十分钟内上门。", 0.91),
)


def make_longer(path: Path) -> None:
    """Put a minute of silence where the desk's recording is of a second."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * 60)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_field_of_a_draft_shows_what_it_rests_on_and_contradictions_are_offered(
    tmp_path: Path, pictures: Path, screen: Page, scheme: str
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await room.finished_call(request="repair", state=CallState.ENDED)
        await room.recorded()
        for side in ("caller", "agent"):
            make_longer(room.rooms.recordings_directory / f"{room.calls['c-1'].recording}.{side}.wav")
        await room.transcribing()
        await room.transcribed("c-1", *SAID)
        await screen.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await screen.goto(f"{room.origin}/sign-in?next=/")
        await screen.get_by_label("用户名").fill("xiaowang")
        await screen.get_by_label("密码").fill(PASSWORD)
        await screen.get_by_role("button", name="登录").click()
        await expect(screen.locator("#freshness")).to_have_text("实时")
        await screen.goto(f"{room.origin}/calls/c-1")
        await screen.get_by_role("button", name="核对并确认").click()

        form = screen.locator("form.entry-form")
        await expect(form.locator("div.kind .rests")).to_have_text("菜单")
        await expect(form.locator("div.matter .rests")).to_contain_text("现象 厨房 水管 漏水")
        await expect(form.locator("div.promised .rests")).to_contain_text("承诺时间")
        home = form.locator("div.home .rests")
        await expect(home).to_contain_text("不一致，请选择")
        await expect(form.locator("input[name=home]")).to_have_value("")
        await screen.screenshot(path=pictures / f"draft-marks-{scheme}.png", full_page=True)
        await home.get_by_role("button", name="6-2-1501").click()
        await expect(form.locator("input[name=home]")).to_have_value("6-2-1501")

        await form.locator("div.promised .rests").get_by_role("button", name="录音 0:43").first.click()
        await expect(screen.locator("#recording .controls")).to_contain_text("0:43")

        await form.get_by_role("button", name="确认保存").click()
        await expect(screen.locator(".entry")).to_contain_text("已确认")
        async with await room.signed_in() as client, client.get("/api/v1/reports/drafts") as answer:
            report = await answer.json()
        shares = {one["field"]: one["share"] for one in report["fields"]}
        assert (shares["kind"], shares["promised"], shares["home"]) == (1.0, 1.0, None)
        assert "accepted ÷ (accepted + changed)" in report["formula"]
