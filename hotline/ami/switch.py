"""What queues and roster ask of the switch, put into its own actions.

Implements `hotline.queues.service.QueueSwitch`, `hotline.agents.keeping.PausingSwitch`,
`hotline.roster.service.SwitchMemory` and `hotline.live.listening.Spies`.
An agent is an extension; its phone is the switch's `PJSIP/extension`.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiRefused
from hotline.ami.events import Malformed, MemberChanged
from hotline.queues.membership import Joins, Leaves, Member, QueueChange, Ranks

PHONE: Final = "PJSIP/"
STREAM_WITHIN: Final = timedelta(seconds=5)


class AsteriskSwitch:
    """The switch behind one link. Every method raises AmiError when the switch could not be asked."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def members(self) -> tuple[Member, ...]:
        """Return every agent in every queue."""
        answer = await self._client.ask(actions.queue_status())
        if any(isinstance(event, Malformed) for event in answer.events):
            # A member that cannot be read would seem to be missing.
            raise AmiRefused("QueueStatus", "a list with entries that cannot be read")
        return tuple(
            Member(
                agent=event.interface.removeprefix(PHONE),
                queue=event.queue,
                penalty=event.penalty,
                is_paused=event.paused,
                is_static=event.is_static,
                pause_reason=event.pause_reason,
            )
            for event in answer.events
            if isinstance(event, MemberChanged) and event.interface.startswith(PHONE)
        )

    async def carry_out(self, change: QueueChange) -> bool:
        """Make one change; return whether the switch agreed (no such queue, already there: it does not)."""
        phone = PHONE + change.agent
        match change:
            case Joins():
                action = actions.queue_add(
                    change.queue, phone, name=change.agent, penalty=change.penalty, paused=change.is_paused
                )
            case Leaves():
                action = actions.queue_remove(change.queue, phone)
            case Ranks():
                action = actions.queue_penalty(change.queue, phone, change.penalty)
        try:
            await self._client.ask(action)
        except AmiRefused:
            return False
        return True

    async def pause(self, agent: str, *, is_paused: bool, reason: str) -> bool:
        """Pause an agent's phone in all queues, or end that; return whether the switch agreed (it knows the phone)."""
        try:
            await self._client.ask(actions.queue_pause(PHONE + agent, paused=is_paused, reason=reason))
        except AmiRefused:
            return False
        return True

    async def put(self, family: str, key: str, value: str) -> None:
        """Keep a value where the dialplan finds it, `DB(family/key)`. Raises AmiRefused as well."""
        await self._client.ask(actions.database_put(family, key, value))

    async def drop(self, family: str, key: str) -> None:
        """Drop what stands at the key and below it, if anything does."""
        with suppress(AmiRefused):  # so the switch says that nothing stood there
            await self._client.ask(actions.database_drop(family, key))

    async def forget_place(self, number_digits: str) -> None:
        """Drop the place that is kept for a call-back to this number, its digits as dialled in China."""
        await self.drop("kept", number_digits)


class AsteriskSpies:
    """Streams of one voice each, to the program that hears live words at `host`:`port`.

    A stream is a channel of its own (chan_audiosocket) on which ChanSpy listens to what comes in from one channel: o;
    without a beep (q), ended with the channel it hears (E, S), which is named by its unique id (u).
    """

    def __init__(self, client: AmiClient, host: str, port: int) -> None:
        self._client, self._address = client, f"{host}:{port}"

    async def stream(self, channel: str, name: UUID) -> None:
        """Stream the voice that comes in on this channel. Raises AmiError."""
        await self._client.ask(
            actions.originate_into(
                f"AudioSocket/{self._address}/{name}/c(slin)",
                channel_id=_stream_id(name),
                application="ChanSpy",
                data=f"{channel},oqESu",
                within=STREAM_WITHIN,
            )
        )

    async def end_stream(self, name: UUID) -> None:
        """End a stream. Raises AmiError, also where it is gone already."""
        await self._client.ask(actions.hangup(_stream_id(name)))


def _stream_id(name: UUID) -> str:
    return f"live-{name}"
