"""What a person says of a pause of dialling: the line was at fault, or the numbers are dead; and what stands now."""

from dataclasses import dataclass

from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.doubting import end_pause
from hotline.campaigns.line_doubt import DialPauseUnknown, HowEnded
from hotline.campaigns.line_doubt_store import (
    DialPauseTable,
    count_doubtful,
    doubtful_of,
    pause_by_id,
    standing_pauses,
)
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """One pause, its doubtful answers, and how many they are in all."""

    pause: DialPauseTable
    doubtful: tuple[AttemptTable, ...]
    count: int


class DialPauses:
    """The pauses that stand, and their end by a person."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, settings: OutboundSettings) -> None:
        self._database, self._bus, self._clock, self._settings = database, bus, clock, settings

    @property
    def tries_itself(self) -> bool:
        """Whether a home is called now and then to see whether the line is good again."""
        return self._settings.doubt_probe > 0

    async def standing(self) -> list[Paused]:
        """Return the pauses that stand, with what is in doubt by each."""
        async with self._database.read() as session:
            return [
                Paused(
                    pause=pause,
                    doubtful=tuple(await doubtful_of(session, pause.id, limit=MOST_SHOWN)),
                    count=await count_doubtful(session, pause.id),
                )
                for pause in await standing_pauses(session)
            ]

    async def counts(self) -> dict[str, int]:
        """Return how many answers each pause began with, by its campaign; "" is all of them."""
        async with self._database.read() as session:
            return {str(one.campaign_id or ""): one.bad for one in await standing_pauses(session)}

    async def end(self, pause_id: int, *, are_dead: bool, by: str) -> None:
        """Let dialling go on: the numbers are dead, or the line was at fault and its homes are called again.

        Raises DialPauseUnknown.
        """
        how = HowEnded.NUMBERS_DEAD if are_dead else HowEnded.LINE_MENDED
        async with self._database.begin() as session:
            now = self._clock.now()
            pause = await pause_by_id(session, pause_id)
            if pause is None or not await end_pause(session, pause, how, by=by, at=now):
                raise DialPauseUnknown("there is no such pause, or it is over")
            await record(
                session,
                Audited(
                    by=by, room="campaigns", act="resumed", subject=f"pause {pause_id}", at=now,
                    before={"mostly": pause.mostly, "bad": pause.bad, "of": pause.of}, after={"how": how.value},
                ),
            )  # fmt: skip
            campaigns = {row.campaign_id for row in await doubtful_of(session, pause_id)}
        for campaign in sorted(campaigns):
            self._bus.publish(Change(Subject.CAMPAIGN, str(campaign)))
