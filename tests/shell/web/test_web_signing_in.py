"""Who comes in, by which door, and who is turned away."""

import pytest

from hotline.errors import SettingsRefused
from hotline.settings import WebSettings
from hotline.web.auth import session_storage
from tests.fakes.web_desk import PASSWORD


async def test_person_with_the_right_password_comes_to_the_desk(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/")

        page = await answer.text()
        assert answer.status == 200
        assert "锦绣花园物业服务中心" in page
        assert "王敏" in page


async def test_wrong_password_is_told_without_saying_which_of_both_was_wrong(desk):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        pages = []
        for name in ("xiaowang", "nobody"):
            answer = await client.post("/sign-in", data={"name": name, "password": "guess guess"})
            assert answer.status == 401
            pages.append((await answer.text()).replace(name, ""))

        assert pages[0] == pages[1]
        assert "用户名或密码不对" in pages[0]


async def test_who_guesses_is_held_back(desk):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        for _ in range(5):
            await client.post("/sign-in", data={"name": "xiaowang", "password": "guess guess"})

        answer = await client.post("/sign-in", data={"name": "xiaowang", "password": PASSWORD})

        assert answer.status == 429
        assert "尝试次数过多" in await answer.text()


async def test_session_cookie_is_kept_from_scripts_and_other_sites(desk):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        answer = await client.post("/sign-in", data={"name": "xiaowang", "password": PASSWORD}, allow_redirects=False)

        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "xiaowang" not in cookie
        assert "Secure" not in cookie


async def test_session_cookie_over_https_is_for_https_only(desk):
    async with desk(is_secure=True) as room:
        client = room.client(Origin=room.origin)
        answer = await client.post("/sign-in", data={"name": "xiaowang", "password": PASSWORD}, allow_redirects=False)

        assert answer.headers["Set-Cookie"].startswith("__Host-hotline-")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "Strict-Transport-Security" in answer.headers


async def test_session_ends_by_the_servers_clock(desk):
    async with desk() as room:
        client = await room.signed_in()
        room.clock.turn(11 * 3600 + 59 * 60)
        assert (await client.get("/api/v1/me")).status == 200

        room.clock.turn(120)

        answer = await client.get("/api/v1/me")
        assert answer.status == 401
        assert (await answer.json())["error"]["id"] == "not-signed-in"


async def test_session_of_a_removed_account_is_over(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with room.database.engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM account WHERE name = 'xiaowang'")

        assert (await client.get("/api/v1/me")).status == 401


async def test_who_signs_out_is_out(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/sign-out", allow_redirects=False)

        assert answer.headers["Location"] == "/sign-in"
        assert (await client.get("/api/v1/me")).status == 401


async def test_cookie_kept_from_before_signing_out_opens_nothing(desk):
    async with desk() as room:
        client = await room.signed_in()
        cookie = next(iter(client.cookie_jar))
        await client.post("/sign-out", allow_redirects=False)

        kept = room.client(Cookie=f"{cookie.key}={cookie.value}")

        assert (await kept.get("/api/v1/me")).status == 401
        assert (await (await room.signed_in()).get("/api/v1/me")).status == 200


async def test_who_signs_out_signs_nobody_else_out(desk):
    async with desk() as room:
        other, client = await room.signed_in("boss"), await room.signed_in()

        await client.post("/sign-out", allow_redirects=False)

        assert (await other.get("/api/v1/me")).status == 200


async def test_forged_cookie_opens_nothing(desk):
    async with desk() as room:
        client = room.client(Cookie="hotline=gAAAAABforged")

        assert (await client.get("/api/v1/me")).status == 401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1", "http://[bad", ""])
async def test_post_from_another_sites_page_is_refused(desk, origin):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/sign-out", headers={"Origin": origin})

        assert answer.status == 403
        assert (await answer.json())["error"]["id"] == "origin-refused"
        assert (await client.get("/api/v1/me")).status == 200


async def test_post_that_does_not_say_where_it_comes_from_is_refused(desk):
    async with desk() as room:
        answer = await room.client().post("/sign-in", data={"name": "xiaowang", "password": PASSWORD})

        assert answer.status == 403


async def test_machine_with_an_unknown_token_is_refused(desk):
    async with desk() as room:
        answer = await room.client(Authorization="Bearer nonsense").get("/api/v1/calls")

        assert answer.status == 401
        assert (await answer.json())["error"]["id"] == "token-refused"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/desk.js", "/sign-in"])
async def test_address_that_needs_no_sign_in_looks_at_no_token(desk, path):
    async with desk() as room:
        assert (await room.client(Authorization="Bearer nonsense").get(path)).status == 200


async def test_health_is_told_to_a_browser_whose_session_cannot_be_looked_up(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with room.database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE account RENAME TO away")

        assert (await client.get("/healthz")).status == 200


async def test_sign_in_with_a_token_beside_it_must_still_say_where_it_comes_from(desk):
    async with desk() as room:
        client = room.client(Authorization="Bearer nonsense")

        answer = await client.post("/sign-in", data={"name": "xiaowang", "password": PASSWORD})

        assert (await answer.json())["error"]["id"] == "origin-refused"


async def test_who_is_signed_in_is_led_from_the_form_to_their_desk(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/sign-in", allow_redirects=False)

        assert (answer.status, answer.headers["Location"]) == (303, "/agent")


@pytest.mark.parametrize("key", ["", "short", "ä" * 32])
def test_session_key_that_is_none_is_refused_by_name(key):
    with pytest.raises(SettingsRefused, match=r"web\.session_key"):
        session_storage(WebSettings(session_key=key), is_secure=False)
