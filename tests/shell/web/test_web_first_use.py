"""A password that somebody else made up opens one page only; signing in leads where one wished, if that is ours."""

import pytest

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user, reset_password
from hotline.web.landing import door, landing, own_path
from tests.fakes.web_desk import CHEAP, PASSWORD

OWN = "a word of my own"


async def new_person(room):
    """Make an account with a made-up password; return a browser in which it has just signed in, and the password."""
    made_up = await add_user(room.database, "newcomer", Role.AGENT, "8002", passwords=Passwords(CHEAP))
    client = room.client(Origin=room.origin)
    answer = await client.post("/sign-in", data={"name": "newcomer", "password": made_up}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/set-password")
    return client, made_up


async def test_made_up_password_opens_nothing_but_its_change(desk):
    async with desk() as room:
        client, _ = await new_person(room)

        for path in ("/", "/agent", "/calls", "/duty-log"):
            answer = await client.get(path, allow_redirects=False)
            assert (answer.status, answer.headers.get("Location")) == (303, "/set-password")
        for path in ("/api/v1/me", "/api/v1/calls", "/api/v1/live"):
            answer = await client.get(path)
            assert (answer.status, (await answer.json())["error"]["id"]) == (403, "password-must-change")
        assert "初始密码只能用一次" in await (await client.get("/set-password")).text()


async def test_who_sets_a_password_is_let_in_and_the_made_up_one_is_dead(desk):
    async with desk() as room:
        client, made_up = await new_person(room)

        answer = await client.post("/set-password", data={"new": OWN, "again": OWN}, allow_redirects=False)

        assert (answer.status, answer.headers["Location"]) == (303, "/agent")
        assert (await client.get("/api/v1/me")).status == 200
        other = room.client(Origin=room.origin)
        old = await other.post("/sign-in", data={"name": "newcomer", "password": made_up})
        new = await other.post("/sign-in", data={"name": "newcomer", "password": OWN}, allow_redirects=False)
        assert (old.status, new.status) == (401, 303)
        assert new.headers["Location"] == "/agent"


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "8 至 256"),
        ("x" * 257, "x" * 257, "8 至 256"),
        (OWN, OWN + "x", "不一样"),
        ("newcomer1", "newcomer1", "用户名"),
        ("", "", "8 至 256"),
    ],
)
async def test_password_that_cannot_be_is_refused_with_the_reason(desk, new, again, said):
    async with desk() as room:
        client, _ = await new_person(room)

        answer = await client.post("/set-password", data={"new": new, "again": again})

        assert answer.status == 422
        assert said in await answer.text()
        assert (await client.get("/api/v1/me")).status == 403


async def test_made_up_password_itself_cannot_be_kept(desk):
    async with desk() as room:
        client, made_up = await new_person(room)

        answer = await client.post("/set-password", data={"new": made_up, "again": made_up})

        assert answer.status == 422
        assert "不能与现在的密码相同" in await answer.text()


async def test_who_has_an_own_password_is_asked_for_it_and_other_browsers_are_signed_out(desk):
    async with desk() as room:
        client, elsewhere = await room.signed_in(), await room.signed_in()

        wrong = await client.post("/set-password", data={"present": "guess", "new": OWN, "again": OWN})
        without = await client.post("/set-password", data={"new": OWN, "again": OWN})
        assert (wrong.status, without.status) == (422, 422)
        right = {"present": PASSWORD, "new": OWN, "again": OWN}
        assert (await client.post("/set-password", data=right, allow_redirects=False)).status == 303

        assert (await client.get("/api/v1/me")).status == 200
        assert (await elsewhere.get("/api/v1/me")).status == 401


async def test_reset_password_ends_sessions_and_has_to_be_changed(desk):
    async with desk() as room:
        client = await room.signed_in()

        made_up = await reset_password(room.database, "xiaowang", passwords=Passwords(CHEAP))

        assert (await client.get("/api/v1/me")).status == 401
        answer = await client.post("/sign-in", data={"name": "xiaowang", "password": made_up}, allow_redirects=False)
        assert answer.headers["Location"] == "/set-password"


@pytest.mark.parametrize(("name", "lands_on"), [("xiaowang", "/agent"), ("boss", "/"), ("root", "/")])
async def test_each_role_lands_on_its_own_desk(desk, name, lands_on):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        answer = await client.post("/sign-in", data={"name": name, "password": PASSWORD}, allow_redirects=False)

        assert answer.headers["Location"] == lands_on
        again = await client.get("/sign-in", allow_redirects=False)
        assert again.headers["Location"] == lands_on


async def test_who_was_sent_to_the_door_comes_back_to_the_asked_page(desk):
    async with desk() as room:
        client = room.client(Origin=room.origin)
        sent = await client.get("/calls?date=2026-11-21&number=138", allow_redirects=False)
        form = await (await client.get(sent.headers["Location"])).text()

        assert 'name="next" value="/calls?date=2026-11-21&amp;number=138"' in form
        data = {"name": "xiaowang", "password": PASSWORD, "next": "/calls?date=2026-11-21&number=138"}
        answer = await client.post("/sign-in", data=data, allow_redirects=False)
        assert answer.headers["Location"] == "/calls?date=2026-11-21&number=138"


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/%0d%0aX: y\r\n", "javascript:alert(1)", " /calls", "/calls\n", "evil.example", "///evil.example",
        "/x//evil.example", "/../../x", "/" + "a" * 600, "/api/v1/me", "/sign-out", "/sign-in?next=/x",
        "/set-password", "/static/desk.js", "/呼叫",
    ],
)  # fmt: skip
async def test_sign_in_leads_to_no_place_but_a_page_of_ours(desk, asked):
    assert own_path(asked) == ""
    async with desk() as room:
        client = room.client(Origin=room.origin)
        answer = await client.post(
            "/sign-in", data={"name": "xiaowang", "password": PASSWORD, "next": asked}, allow_redirects=False
        )

        assert answer.headers["Location"] == "/agent"


@pytest.mark.parametrize("asked", ["/", "/agent", "/calls/1700000000.1?t=3", "/search?q=%E6%BC%8F%E6%B0%B4", "/apiary"])
def test_own_pages_are_come_back_to(asked):
    assert own_path(asked) == asked
    assert door(asked).startswith("/sign-in")
    assert landing(Role.AGENT) == "/agent"
