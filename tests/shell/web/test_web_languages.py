"""The pages speak Chinese, and English to whom wishes it: by browser before signing in, by person afterwards."""

import re

import pytest

from hotline.web.words import read_words
from tests.fakes.web_desk import PASSWORD

PAGES = (
    "/agent",
    "/calls",
    "/calls/c-1",
    "/campaigns",
    "/duty-log",
    "/follow-ups",
    "/reading",
    "/shift",
    "/search",
    "/",
)
NAMES = ("中文", "锦绣花园物业服务中心", read_words("en")["search_hint"], "陈主管", "陈", "张伟", "张先生")


async def choose(client, language: str, back: str = "/"):
    return await client.post("/language", data={"language": language, "back": back}, allow_redirects=False)


async def text_of(client, address: str) -> str:
    answer = await client.get(address)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def test_door_speaks_chinese_first_and_the_chosen_language_afterwards(desk):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        assert '<html lang="zh-CN">' in await text_of(client, "/sign-in")

        answer = await choose(client, "en", "/sign-in?next=/calls")

        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/calls")
        page = await text_of(client, "/sign-in")
        assert '<html lang="en">' in page
        assert "Sign in" in page


async def test_person_finds_the_chosen_language_in_every_browser(desk):
    async with desk() as room:
        first = await room.signed_in()
        await choose(first, "en")

        another = await room.signed_in()

        assert '<html lang="en">' in await text_of(another, "/calls")
        await choose(another, "zh")
        assert '<html lang="zh-CN">' in await text_of(first, "/calls")


async def test_another_person_at_the_same_browser_keeps_their_own(desk):
    async with desk() as room:
        client = await room.signed_in("boss")
        await choose(client, "zh")
        mine = await room.signed_in()
        await choose(mine, "en")

        await client.post("/sign-out")
        await choose(client, "en")  # at the door
        await client.post("/sign-in", data={"name": "boss", "password": PASSWORD})

        assert '<html lang="zh-CN">' in await text_of(client, "/calls")


@pytest.mark.parametrize("address", PAGES)
async def test_english_page_holds_no_chinese(desk, address):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in("boss")
        await choose(client, "en")

        page = await text_of(client, address)

        for name in NAMES:
            page = page.replace(name, "")
        assert re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", page) == []


async def test_dates_are_written_as_the_language_does(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()
        assert re.search(r">11-21 09:37:12<", await text_of(client, "/calls"))
        await choose(client, "en")

        assert re.search(r">21 Nov 09:37:12<", await text_of(client, "/calls"))


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/api/v1/me", "", "x" * 5000]
)
async def test_button_never_leads_to_another_site(desk, back):
    async with desk() as room:
        answer = await choose(await room.signed_in(), "en", back)

        assert answer.headers["Location"] == "/"


async def test_unknown_language_is_chinese_and_another_site_cannot_choose(desk):
    async with desk() as room:
        client = await room.signed_in()
        await choose(client, "en")
        await choose(client, "<script>")
        assert '<html lang="zh-CN">' in await text_of(client, "/calls")

        foreign = await client.post(
            "/language", data={"language": "en"}, headers={"Origin": "https://elsewhere.example"}
        )

        assert foreign.status == 403
        assert '<html lang="zh-CN">' in await text_of(client, "/calls")
