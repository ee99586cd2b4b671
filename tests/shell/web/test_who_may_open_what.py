"""Who may open what: said here once more, address by address, and asked of the door as each role.

The real table of routes must say the same: a new address fails here until somebody has said who may open it. What the
addresses do is not done; what they let in is.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest
from aiohttp import ClientSession, web

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.scopes import ANY_SCOPE, METRICS
from hotline.accounts.service import add_user, create_token
from hotline.web import server
from tests.fakes.web_desk import CHEAP, PASSWORD, WebDesk

AGENT, SUPERVISOR, ADMIN, WALL = Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.WALL
SAID: Final[dict[frozenset[Role], str]] = {
    frozenset(): """
        GET /healthz
        POST /language
        GET /metrics
        GET /readyz
        GET /sign-in
        POST /sign-in
        GET /static/{name}
    """,
    frozenset({AGENT, SUPERVISOR, ADMIN, WALL}): """
        GET /api/v1/live
        GET /api/v1/me
        GET /set-password
        POST /set-password
        POST /sign-out
    """,
    frozenset({AGENT, SUPERVISOR, ADMIN}): """
        GET /
        GET /agent
        GET /api/v1/agents
        POST /api/v1/agents/me/help
        POST /api/v1/agents/me/more-time
        POST /api/v1/agents/me/pause
        POST /api/v1/agents/me/ready
        POST /api/v1/agents/me/wrap-up-done
        POST /api/v1/alerts/{id}/acknowledge
        GET /api/v1/building-notices
        GET /api/v1/calls
        GET /api/v1/calls/{id}
        POST /api/v1/calls/{id}/emergency
        GET /api/v1/calls/{id}/heard
        POST /api/v1/calls/{id}/home
        POST /api/v1/calls/{id}/machine
        POST /api/v1/calls/{id}/mark
        GET /api/v1/calls/{id}/notes
        PUT /api/v1/calls/{id}/notes
        GET /api/v1/calls/{id}/pop
        GET /api/v1/calls/{id}/recording
        GET /api/v1/calls/{id}/recording/picture
        POST /api/v1/calls/{id}/reveal
        GET /api/v1/calls/{id}/wrap-up
        POST /api/v1/calls/{id}/wrap-up
        GET /api/v1/dispatches
        POST /api/v1/dispatches/{id}/accept
        POST /api/v1/dispatches/{id}/complete
        POST /api/v1/dispatches/{id}/refuse
        POST /api/v1/dispatches/{id}/withdraw
        GET /api/v1/duty-log
        POST /api/v1/duty-log
        GET /api/v1/duty-log/{number}
        POST /api/v1/duty-log/{number}/corrections
        POST /api/v1/duty-log/{number}/dispatches
        POST /api/v1/duty-log/{number}/settle
        GET /api/v1/follow-ups
        POST /api/v1/follow-ups
        GET /api/v1/follow-ups/{id}
        POST /api/v1/follow-ups/{id}/answers
        POST /api/v1/follow-ups/{id}/cancel
        POST /api/v1/follow-ups/{id}/close
        POST /api/v1/follow-ups/{id}/reopen
        POST /api/v1/follow-ups/{id}/reveal
        POST /api/v1/follow-ups/{id}/service-days
        POST /api/v1/follow-ups/{id}/take
        GET /api/v1/handed
        POST /api/v1/handed
        POST /api/v1/handed/{id}/dial
        POST /api/v1/handed/{id}/later
        POST /api/v1/handed/{id}/put-back
        POST /api/v1/handed/{id}/skip
        POST /api/v1/homes/{id}/notes
        POST /api/v1/homes/{id}/notes/{note}/take-back
        GET /api/v1/incidents
        GET /api/v1/incidents/{id}
        GET /api/v1/live-help
        GET /api/v1/my-list
        GET /api/v1/notices
        GET /api/v1/openapi.json
        POST /api/v1/outside-calls
        GET /api/v1/outside-calls/{id}
        GET /api/v1/people
        GET /api/v1/phone
        POST /api/v1/phone/leave
        POST /api/v1/phone/take-up
        GET /api/v1/phrases
        GET /api/v1/quality/reviews
        GET /api/v1/quality/reviews/{id}
        POST /api/v1/quality/reviews/{id}/objection
        POST /api/v1/quality/reviews/{id}/seen
        GET /api/v1/quality/rules
        GET /api/v1/reports/answer-times
        GET /api/v1/reports/drafts
        GET /api/v1/reports/follow-ups
        GET /api/v1/residents
        POST /api/v1/residents
        POST /api/v1/residents/{id}/numbers
        POST /api/v1/residents/{id}/reveal
        GET /api/v1/search
        GET /api/v1/shifts
        POST /api/v1/shifts
        GET /api/v1/shifts/current
        POST /api/v1/shifts/current/sign-in
        POST /api/v1/shifts/current/sign-out
        POST /api/v1/shifts/current/take-back
        GET /api/v1/shifts/{number}/sheet.pdf
        GET /api/v1/transcripts
        GET /calls
        GET /calls/{id}
        GET /duty-log
        GET /follow-ups
        GET /quality
        GET /search
        GET /shift
    """,
    frozenset({SUPERVISOR, ADMIN, WALL}): """
        GET /api/v1/centres
        GET /api/v1/centres/live
        GET /api/v1/wall
        GET /group/wall
        GET /wall
    """,
    frozenset({SUPERVISOR, ADMIN}): """
        GET /aftercare
        GET /api/v1/aftercare
        POST /api/v1/aftercare/outreaches
        POST /api/v1/aftercare/share
        POST /api/v1/agents/{extension}/pause
        POST /api/v1/agents/{extension}/ready
        POST /api/v1/agents/{extension}/sign-out
        GET /api/v1/alerts
        POST /api/v1/building-notices
        POST /api/v1/building-notices/{id}/end
        GET /api/v1/by-hand
        POST /api/v1/by-hand/plan
        POST /api/v1/by-hand/queues/{queue}
        GET /api/v1/calls/{id}/help
        POST /api/v1/calls/{id}/move
        POST /api/v1/calls/{id}/recording/hold
        GET /api/v1/campaigns
        POST /api/v1/campaigns
        GET /api/v1/campaigns/{id}
        POST /api/v1/campaigns/{id}/approve
        GET /api/v1/campaigns/{id}/attempts
        POST /api/v1/campaigns/{id}/attempts/{attempt}/decide
        GET /api/v1/campaigns/{id}/export
        POST /api/v1/campaigns/{id}/pause
        GET /api/v1/campaigns/{id}/preview
        POST /api/v1/campaigns/{id}/resume
        POST /api/v1/campaigns/{id}/start
        POST /api/v1/campaigns/{id}/stop
        GET /api/v1/campaigns/{id}/targets
        POST /api/v1/campaigns/{id}/targets
        GET /api/v1/campaigns/{id}/targets/{target}/sample
        GET /api/v1/centres/report
        GET /api/v1/centres/rows
        GET /api/v1/dial-pauses
        POST /api/v1/dial-pauses/{id}/end
        GET /api/v1/duty-log/export
        POST /api/v1/help/{id}/take
        GET /api/v1/hours
        POST /api/v1/hours
        POST /api/v1/hours/look
        GET /api/v1/household-marks
        POST /api/v1/household-marks
        POST /api/v1/household-marks/numbers
        DELETE /api/v1/household-marks/{id}
        GET /api/v1/imports
        POST /api/v1/imports
        GET /api/v1/imports/samples/{kind}.xlsx
        GET /api/v1/imports/{id}
        GET /api/v1/imports/{id}/bad-rows.csv
        POST /api/v1/imports/{id}/confirm
        POST /api/v1/imports/{id}/drop
        POST /api/v1/incidents
        POST /api/v1/incidents/{id}/confirm
        POST /api/v1/incidents/{id}/dismiss
        POST /api/v1/incidents/{id}/notice
        POST /api/v1/incidents/{id}/over
        POST /api/v1/live-help
        POST /api/v1/live-help/{id}/end
        POST /api/v1/live-help/{id}/turn
        GET /api/v1/menus
        POST /api/v1/menus/activate
        POST /api/v1/menus/check
        PUT /api/v1/menus/draft
        GET /api/v1/menus/drafts
        GET /api/v1/menus/versions
        GET /api/v1/menus/versions/{number}
        POST /api/v1/menus/versions/{number}/activate
        GET /api/v1/number-marks
        POST /api/v1/number-marks
        POST /api/v1/number-marks/{id}/lift
        PUT /api/v1/phrases
        GET /api/v1/prompts
        POST /api/v1/prompts/back
        GET /api/v1/prompts/sound
        PUT /api/v1/prompts/sound
        POST /api/v1/prompts/speak
        PUT /api/v1/prompts/text
        GET /api/v1/prompts/tried
        POST /api/v1/prompts/try
        GET /api/v1/quality/agents
        GET /api/v1/quality/calibrations
        POST /api/v1/quality/calibrations
        GET /api/v1/quality/export
        POST /api/v1/quality/plan
        POST /api/v1/quality/reviews
        POST /api/v1/quality/reviews/{id}/answer
        POST /api/v1/quality/reviews/{id}/comments
        POST /api/v1/quality/reviews/{id}/comments/{comment}/remove
        POST /api/v1/quality/reviews/{id}/discard
        POST /api/v1/quality/reviews/{id}/give
        POST /api/v1/quality/reviews/{id}/points
        GET /api/v1/quality/sample
        POST /api/v1/quality/sheet
        GET /api/v1/reports/agents
        GET /api/v1/reports/calls
        GET /api/v1/reports/month.pdf
        GET /api/v1/reports/quarter.pdf
        GET /api/v1/reports/rows
        GET /api/v1/reports/service
        GET /api/v1/reports/sums
        GET /api/v1/retention
        GET /api/v1/reviews
        POST /api/v1/reviews
        GET /api/v1/reviews/entries
        GET /api/v1/roster
        POST /api/v1/roster
        POST /api/v1/roster/file
        GET /api/v1/roster/history
        PUT /api/v1/roster/{id}
        POST /api/v1/roster/{id}/remove
        GET /api/v1/undecided-attempts
        GET /api/v1/webhooks
        GET /api/v1/webhooks/messages
        POST /api/v1/webhooks/messages/{id}/again
        POST /api/v1/webhooks/{name}/again
        GET /campaigns
        GET /do-not-call
        GET /group
        GET /imports
        GET /menus
        GET /prompts
        GET /reading
        GET /reports
        GET /reports/behind
        GET /retention
        GET /roster
        GET /webhooks
    """,
    frozenset({ADMIN}): """
        GET /api/v1/audit
        GET /api/v1/centres/grants
        PUT /api/v1/centres/grants/{name}
        PUT /api/v1/centres/grants/{name}/{centre}
        POST /api/v1/retention/{what}
        GET /api/v1/retention/{what}/foreseen
        GET /api/v1/staff
        POST /api/v1/staff
        PUT /api/v1/staff/skills/{extension}
        PUT /api/v1/staff/{name}
        POST /api/v1/staff/{name}/password
        POST /api/v1/staff/{name}/state
        GET /api/v1/tokens
        POST /api/v1/tokens
        POST /api/v1/tokens/{id}/revoke
        GET /audit
        GET /staff
    """,
}
NAMES: Final = {AGENT: "xiaowang", SUPERVISOR: "boss", ADMIN: "root", WALL: "screen"}
HANGING: Final = pytest.mark.timeout(120)


def stated() -> dict[tuple[str, str], frozenset[Role]]:
    """Return what is said above: by method and address, the roles that may open it; none: everybody."""
    rows = [(tuple(line.split()), roles) for roles, lines in SAID.items() for line in lines.strip().splitlines()]
    assert len({address for address, _ in rows}) == len(rows), "an address stands twice"
    return {(method, path): roles for (method, path), roles in rows}


def test_every_address_is_open_to_the_roles_that_are_said_here_and_to_nobody_else() -> None:
    real = {(one.method, one.path): one.roles for one in server.ALL_ROUTES}

    assert {address: sorted(roles) for address, roles in real.items() if stated().get(address) != roles} == {}
    assert sorted(set(stated()) - set(real)) == []


async def opened(request: web.Request) -> web.StreamResponse:
    """Do nothing, and say at which address."""
    resource = request.match_info.route.resource
    return web.Response(text=f"open {resource.canonical if resource else ''}")


@asynccontextmanager
async def doors(
    desk: Callable[..., AbstractAsyncContextManager[WebDesk]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WebDesk]:
    """Give a web room with the real door, behind which nothing happens but signing in."""
    routes = tuple(one if one.path == "/sign-in" else replace(one, act=opened) for one in server.ALL_ROUTES)
    monkeypatch.setattr(server, "ALL_ROUTES", routes)
    async with desk() as room:
        await add_user(room.database, "screen", WALL, None, PASSWORD, passwords=Passwords(CHEAP))
        yield room


async def asked(client: ClientSession, method: str, path: str) -> str:
    """Return "open", or by which id the door stays shut."""
    answer = await client.request(method, re.sub(r"{\w+}", "1", path), allow_redirects=False)
    text = await answer.text()
    if answer.status == 200:
        assert text == f"open {path}"
        return "open"
    if answer.status == 303:
        assert answer.headers["Location"].startswith("/sign-in")
        return "not-signed-in"
    assert answer.status in {401, 403}, (method, path, answer.status)
    return next((shut for shut in ("not-signed-in", "role-may-not", "scope-missing") if shut in text), text)


async def answers(client: ClientSession) -> dict[tuple[str, str], str]:
    """Return what each address says to this client."""
    rows = [address for address in stated() if address[1] != "/sign-in"]
    return {(method, path): await asked(client, method, path) for method, path in rows}


@HANGING
@pytest.mark.parametrize("role", [*Role, None])
async def test_each_address_lets_in_whom_it_says(desk, monkeypatch, role):
    async with doors(desk, monkeypatch) as room:
        client = room.client(Origin=room.origin) if role is None else await room.signed_in(NAMES[role])

        found = await answers(client)

    shut = "not-signed-in" if role is None else "role-may-not"
    wanted = {one: "open" if not roles or role in roles else shut for one, roles in stated().items() if one in found}
    assert {one: said for one, said in found.items() if said != wanted[one]} == {}


@HANGING
async def test_token_opens_nothing_that_its_scopes_do_not_name(desk, monkeypatch):
    async with doors(desk, monkeypatch) as room:
        token = await create_token(room.database, ADMIN, "narrow", clock=room.clock, scopes=["metrics:read"])

        found = await answers(room.client(Authorization=f"Bearer {token}", Origin=room.origin))

    free = {*ANY_SCOPE, METRICS}
    wanted = {
        one: "open" if not roles or (ADMIN in roles and one[1] in free) else
        "scope-missing" if ADMIN in roles else "role-may-not"
        for one, roles in stated().items() if one in found
    }  # fmt: skip
    assert {one: said for one, said in found.items() if said != wanted[one]} == {}
