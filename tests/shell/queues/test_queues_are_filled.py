"""The switch's queues are as the table says, whatever happened meanwhile; the switch is a scripted peer over AMI."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hotline.ami.client import AmiClient, Rhythm
from hotline.ami.listener import Listener
from hotline.ami.switch import AsteriskSwitch
from hotline.bus import Bus
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.queues.membership import Skill, SkillsRefused
from hotline.queues.service import Staffing
from hotline.queues.store import memberships
from tests.fakes.ami_peer import AmiPeer, Headers, an_ami_peer, says, silence
from tests.fakes.ami_variants import given, settings_for, until

SKILLS = ("repair", "complaint")
AGENTS = ("8001", "8002")


class QueuesOfAPeer:
    """The queues of a scripted switch: members come and go as they do at a real one, with its own words."""

    def __init__(self, peer: AmiPeer) -> None:
        self.members = {("service", f"PJSIP/{agent}"): ["0", "static"] for agent in AGENTS}
        peer.answers |= {
            "QueueStatus": self.status,
            "QueueAdd": self.add,
            "QueueRemove": self.remove,
            "QueuePenalty": self.rank,
            "CoreShowChannels": says(
                "Response: Success", "EventList: start", "", "Event: CoreShowChannelsComplete", "EventList: Complete"
            ),
        }

    def of(self, queue: str) -> list[str]:
        return sorted(interface for name, interface in self.members if name == queue)

    def status(self, _: Headers) -> str:
        blocks = [["Response: Success", "EventList: start"]]
        for (queue, interface), (penalty, membership) in self.members.items():
            blocks.append([
                "Event: QueueMember", f"Queue: {queue}", f"Name: {interface[-4:]}", f"Location: {interface}",
                f"Membership: {membership}", f"Penalty: {penalty}", "Status: 1", "Paused: 0", "InCall: 0",
            ])  # fmt: skip
        blocks.append(["Event: QueueStatusComplete", "EventList: Complete"])
        return "\r\n\r\n".join("\r\n".join(block) for block in blocks)

    def add(self, heard: Headers) -> str:
        place = heard["Queue"], heard["Interface"]
        if place in self.members:
            return "Response: Error\r\nMessage: Unable to add interface: Already there"
        if heard["Queue"] not in (*SKILLS, "service"):
            return "Response: Error\r\nMessage: Unable to add interface to queue: No such queue"
        self.members[place] = [heard["Penalty"], "dynamic"]
        return "Response: Success\r\nMessage: Added interface to queue"

    def remove(self, heard: Headers) -> str:
        place = heard["Queue"], heard["Interface"]
        if self.members[place][1] == "static":
            return "Response: Error\r\nMessage: Member not dynamic"
        del self.members[place]
        return "Response: Success\r\nMessage: Removed interface from queue"

    def rank(self, heard: Headers) -> str:
        self.members[heard["Queue"], heard["Interface"]][0] = heard["Penalty"]
        return "Response: Success\r\nMessage: Interface penalty set successfully"


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        yield peer


@asynccontextmanager
async def staffing(
    peer: AmiPeer, database: Database, *, skills: tuple[str, ...] = SKILLS, **changed: Any
) -> AsyncIterator[Staffing]:
    clock, bus = SystemClock(), Bus()
    client = AmiClient(settings_for(peer.port, **changed), clock, Rhythm(back_off=(0.05,)))
    bells: Any = type("Bells", (), {"ring": lambda _: None, "lost": lambda *_: None})()
    listener = Listener(client=client, ledger=bells, recordings=bells, bus=bus, clock=clock, lease=4)
    service = Staffing(
        switch=AsteriskSwitch(client), database=database, bus=bus, clock=clock, agents=AGENTS, skills=skills
    )
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (client.run(), listener.run(), service.run())]
        try:
            yield service
        finally:
            for task in tasks:
                task.cancel()


async def test_every_agent_serves_every_queue_as_soon_as_the_link_is_up(peer: AmiPeer, database: Database) -> None:
    queues = QueuesOfAPeer(peer)
    async with staffing(peer, database) as service:
        assert await until(lambda: queues.of("repair") == queues.of("complaint") == ["PJSIP/8001", "PJSIP/8002"])
        assert await until(lambda: service.trouble == "")


async def test_agent_who_is_given_skills_leaves_the_other_queues_at_once(peer: AmiPeer, database: Database) -> None:
    queues = QueuesOfAPeer(peer)
    async with staffing(peer, database) as service:
        given(await until(lambda: len(queues.of("complaint")) == 2))

        await service.assign("8001", ["repair:2"], by="xiao-li")

        assert await until(lambda: queues.of("complaint") == ["PJSIP/8002"])
    assert queues.members["repair", "PJSIP/8001"] == ["2", "dynamic"]
    assert queues.of("service") == ["PJSIP/8001", "PJSIP/8002"]


async def test_queues_that_a_new_switch_has_forgotten_are_filled_again(peer: AmiPeer, database: Database) -> None:
    queues = QueuesOfAPeer(peer)
    async with staffing(peer, database):
        given(await until(lambda: len(queues.of("repair")) == 2))
        for queue in SKILLS:
            for agent in AGENTS:
                queues.members.pop((queue, f"PJSIP/{agent}"), None)

        peer.drop()

        assert await until(lambda: len(queues.of("repair")) == 2)


async def test_queue_the_switch_does_not_know_is_told_and_the_others_are_filled(
    peer: AmiPeer, database: Database
) -> None:
    queues = QueuesOfAPeer(peer)
    async with staffing(peer, database, skills=("gardening", *SKILLS)) as service:
        assert await until(lambda: len(queues.of("repair")) == 2)
        assert await until(lambda: service.trouble.startswith("the switch refused 2 of "))


async def test_switch_that_never_answers_queueadd_holds_nobody_up(peer: AmiPeer, database: Database) -> None:
    queues = QueuesOfAPeer(peer)
    add, peer.answers["QueueAdd"] = peer.answers["QueueAdd"], silence
    async with staffing(peer, database, answer_within=0.1) as service:
        given(await until(lambda: "ami-silent" in service.trouble))
        peer.answers["QueueAdd"] = add

        await service.assign("8001", None, by="test")

        assert await until(lambda: len(queues.of("repair")) == 2)


async def test_list_of_members_that_is_not_whole_changes_nothing(peer: AmiPeer, database: Database) -> None:
    queues = QueuesOfAPeer(peer)
    broken = queues.status({}).replace("Status: 1", "Status: many", 1)
    peer.answers["QueueStatus"] = lambda _: broken
    async with staffing(peer, database) as service:
        assert await until(lambda: service.trouble == "ami-refused")

    assert "QueueAdd" not in peer.names()


async def test_what_is_said_of_an_agent_is_kept_and_can_be_taken_back(database: Database) -> None:
    switch: Any = None  # never asked
    service = Staffing(switch=switch, database=database, bus=Bus(), clock=SystemClock(), agents=AGENTS, skills=SKILLS)
    await service.assign("8001", ["complaint:1"], by="xiao-li")
    await service.assign("8002", [], by="xiao-li")

    async with database.read() as session:
        said = await memberships(session)
    assert said == {"8001": (Skill("complaint", 1), Skill("service")), "8002": (Skill("service"),)}

    await service.assign("8001", None, by="xiao-li")
    async with database.read() as session:
        assert set(await memberships(session)) == {"8002"}


async def test_extension_that_is_no_agents_is_refused(database: Database) -> None:
    switch: Any = None  # never asked
    service = Staffing(switch=switch, database=database, bus=Bus(), clock=SystemClock(), agents=AGENTS, skills=SKILLS)

    with pytest.raises(SkillsRefused):
        await service.assign("8901", ["repair"], by="xiao-li")

    async with database.read() as session:
        assert await memberships(session) == {}
