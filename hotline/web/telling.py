"""From the rooms' values to the shapes of the API; the one place where numbers are masked. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

from hotline.calls.cadence import is_within_three_rings
from hotline.calls.lateness import how_late, late_because, legs_of
from hotline.calls.ledger import CallRecord
from hotline.calls.talks import Talk
from hotline.dutylog.dispatch import Dispatch
from hotline.dutylog.reading_store import WholeEntry
from hotline.live.store import AlertWord
from hotline.phone import PhoneNumber
from hotline.recordings.recording import IS_WHOLE, Recording
from hotline.residents.resident import KnownCaller
from hotline.transcribe.store import StoredTranscript
from hotline.transcribe.transcript import Side, parts_of
from hotline.web.alerts import Acknowledgement, alert_state
from hotline.web.live_words import alert_words_out
from hotline.web.shapes import (
    AcknowledgementOut,
    AlertOut,
    CallOut,
    DispatchOut,
    EntryOut,
    HoldOut,
    LegOut,
    MatterOut,
    PartOut,
    RecordingOut,
    ResidentOut,
    RingOut,
    SegmentOut,
    TalkOut,
    TalkStepOut,
    TranscriptOut,
    TransferOut,
    TurnOut,
    WholeCall,
)
from hotline.web.timeline import segments

# Networks often send the number once more as the name.
HOLDS_A_NUMBER: Final = re.compile(r"(?:\d\D?){5}")
MAY_BE_HEARD: Final = IS_WHOLE
UNSURE_BELOW: Final = 0.6  # a turn the recogniser is less sure of is marked, never corrected by guessing


def masked(number: str) -> str:
    """Return a caller's number as a screen shows it; what cannot be read as a number shows its last two characters."""
    if not number:
        return ""
    read = PhoneNumber.parse(number)
    return read.masked if read else f"****{number[-2:]}"


def call_out(call: CallRecord, known: KnownCaller | None, *, is_masked: bool, zone: tzinfo) -> CallOut:
    """Return a call as lists and the live view show it."""
    legs = late_because(call) or legs_of(call)
    return CallOut(
        id=call.id,
        state=call.state,
        direction=call.direction,
        number=masked(call.caller_number) if is_masked else call.caller_number,
        is_masked=is_masked,
        caller_name="" if is_masked and HOLDS_A_NUMBER.search(call.caller_name) else call.caller_name,
        dialled=call.dialled,
        resident=resident_out(known),
        ring_start=local(call.ring_start, zone),
        switch_answer=local(call.switch_answer, zone),
        answer_seconds=seconds(call.answer_wait),
        rings_heard=call.rings_heard,
        is_within_three_rings=None if call.answer_wait is None else is_within_three_rings(call.answer_wait),
        look_up=call.look_up,
        language=call.language,
        menu_path=call.menu_path,
        request=call.request,
        without_service=call.without_service,
        queue=call.queue,
        queued_at=local(call.queued_at, zone),
        queue_seconds=seconds(call.queue_wait),
        is_emergency=call.is_emergency,
        call_back_at=local(call.call_back_at, zone),
        message_at=local(call.message_at, zone),
        message_seconds=_message_seconds(call),
        incident=call.incident,
        joined_incident=call.joined_incident,
        satisfaction=call.satisfaction,
        returns=call.returns,
        rings=tuple(
            RingOut(
                agent=ring.agent,
                began=ring.began.astimezone(zone),
                ended=local(ring.ended, zone),
                was_answered=ring.was_answered,
            )
            for ring in call.rings
        ),
        agent=call.agent,
        human_answer=local(call.human_answer, zone),
        human_seconds=seconds(call.human_wait),
        talk_seconds=seconds(call.talk_time),
        hold_seconds=seconds(call.held_time),
        talks=tuple(talk_out(talk, zone) for talk in call.talks),
        transfers=tuple(
            TransferOut(kind=one.kind, by=one.by, to=one.to, at=one.at.astimezone(zone), result=one.result)
            for one in call.transfers
        ),
        ended_at=local(call.ended_at, zone),
        ended_by_caller=call.ended_by_caller,
        hangup_cause=call.hangup_cause,
        outcome=call.outcome,
        is_short_abandon=call.is_short_abandon,
        late=how_late(call),
        wait_seconds=seconds(sum((leg.took for leg in legs), timedelta(0))) if legs else None,
        legs=tuple(
            LegOut(
                kind=leg.kind,
                start=leg.start.astimezone(zone),
                seconds=round(leg.took.total_seconds(), 3),
                agents=leg.agents,
                detail=leg.detail,
                is_cause=leg.is_cause,
            )
            for leg in legs
        ),
        notice_version=call.notice_version,
        recording_refused=call.recording_refused,
        oddities=call.oddities,
        timeline=tuple(
            SegmentOut(kind=part.kind, start=part.start.astimezone(zone), end=local(part.end, zone))
            for part in segments(call)
        ),
    )


def talk_out(talk: Talk, zone: tzinfo) -> TalkOut:
    """Return one agent's stretch with the caller."""
    return TalkOut(
        agent=talk.agent,
        began=talk.began.astimezone(zone),
        ended=local(talk.ended, zone),
        how=talk.how,
        holds=tuple(
            HoldOut(
                began=hold.began.astimezone(zone),
                ended=local(hold.ended, zone),
                seconds=seconds(hold.ended - hold.began if hold.ended else None),
            )
            for hold in talk.holds
        ),
    )


def whole_call(
    call: CallOut,
    *,
    recording: Recording | None,
    transcript: StoredTranscript | None,
    entries: Iterable[EntryOut],
    returned_by: Iterable[str],
    acknowledged: Acknowledgement | None,
    alert_words: Iterable[AlertWord] = (),
    steps: Iterable[TalkStepOut] = (),
    zone: tzinfo,
) -> WholeCall:
    """Return a call with its recording, its words, its entries of the duty log and the calls that returned it."""
    return WholeCall(
        **dict(call),
        returned_by=tuple(returned_by),
        acknowledged=acknowledgement_out(acknowledged, zone),
        alert_words=alert_words_out(alert_words, zone),
        steps=tuple(steps),
        recording=None if recording is None else recording_out(recording),
        transcript=None if transcript is None else transcript_out(transcript, recording, zone),
        duty_log=tuple(entries),
    )


def alert_out(
    call: CallRecord,
    known: KnownCaller | None,
    acknowledged: Acknowledgement | None,
    words: Sequence[AlertWord] = (),
    *,
    is_masked: bool,
    zone: tzinfo,
) -> AlertOut:
    """Return an emergency call, or one in which a word of danger fell, as every page shows it."""
    return AlertOut(
        state=alert_state(call, is_acknowledged=acknowledged is not None, has_danger=bool(words)),
        danger=alert_words_out(words, zone),
        call=call_out(call, known, is_masked=is_masked, zone=zone),
        acknowledged=acknowledgement_out(acknowledged, zone),
    )


def acknowledgement_out(acknowledged: Acknowledgement | None, zone: tzinfo) -> AcknowledgementOut | None:
    """Return who took note of an unanswered emergency, and when."""
    if acknowledged is None:
        return None
    return AcknowledgementOut(by=acknowledged.by, name=acknowledged.name, at=acknowledged.at.astimezone(zone))


def resident_out(known: KnownCaller | None) -> ResidentOut | None:
    """Return whom the number belongs to; several people on one number leave the name empty."""
    if known is None:
        return None
    return ResidentOut(
        name=known.resident.salutation if known.resident else "",
        home=known.household.home.label if known.household else "",
        is_elderly_alone=bool(known.resident and known.resident.is_elderly_alone),
    )


def recording_out(recording: Recording) -> RecordingOut:
    """Return which sides can be listened to; what is still written cannot, and never what the caller refused."""
    is_done = recording.state in MAY_BE_HEARD
    paths: tuple[tuple[Literal["caller", "agent"], object], ...] = (
        ("caller", recording.caller),
        ("agent", recording.agent),
    )
    return RecordingOut(
        state=recording.state.value,
        seconds=round(recording.seconds, 1),
        sides=tuple(side for side, path in paths if is_done and path is not None),
        form=recording.form.value,
        oddities=recording.oddities,
        is_held=recording.is_held,
    )


def transcript_out(transcript: StoredTranscript, recording: Recording | None, zone: tzinfo) -> TranscriptOut:
    """Return the conversation; each turn also with its time of day, from the recording's start."""
    return TranscriptOut(
        state=transcript.state,
        engine=transcript.engine,
        model=transcript.model,
        reason=transcript.reason,
        turns=tuple(
            TurnOut(
                side="caller" if turn.side is Side.CALLER else "agent",
                start=round(turn.start.total_seconds(), 2),
                end=round(turn.end.total_seconds(), 2),
                at=local(recording.began + turn.start, zone) if recording else None,
                text=turn.text,
                heard=turn.heard,
                parts=tuple(
                    PartOut(text=part.text, heard=part.heard, is_unsure=part.is_unsure) for part in parts_of(turn)
                ),
                confidence=round(turn.confidence, 3),
                is_unsure=turn.confidence < UNSURE_BELOW,
            )
            for turn in transcript.turns
        ),
    )


def entry_out(whole: WholeEntry, zone: tzinfo, now: datetime) -> EntryOut:
    """Return an entry of the duty log, with what is owed for it and who was given it."""
    entry, owed = whole.entry, whole.matter
    return EntryOut(
        number=entry.number,
        page=entry.page,
        state=entry.state,
        source=entry.source,
        call_id=entry.call_id,
        kind=entry.kind,
        is_urgent=entry.is_urgent,
        who=entry.who,
        home=entry.home,
        matter=entry.matter,
        promised=entry.promised,
        result=entry.result,
        agent=entry.agent,
        happened_at=local(whole.happened_at, zone),
        written_at=entry.written_at.astimezone(zone),
        written_by=entry.written_by,
        corrects=entry.corrects,
        corrected_by=entry.corrected_by,
        centre=entry.centre,
        chain_position=entry.chain_position,
        chain_hash=entry.chain_hash,
        owed=owed
        and MatterOut(
            follow_up=owed.id,
            state=owed.state,
            due=local(owed.due, zone),
            due_by=owed.due_by,
            promised=local(owed.promised, zone),
            is_overdue=owed.is_overdue(now),
            result=owed.result,
            closed_by=owed.closed_by,
            closed_at=local(owed.closed_at, zone),
        ),
        dispatches=tuple(dispatch_out(each, zone, now) for each in whole.dispatches),
        drafted=whole.drafted,
    )


def dispatch_out(dispatch: Dispatch, zone: tzinfo, now: datetime) -> DispatchOut:
    """Return a dispatch."""
    return DispatchOut(
        id=dispatch.id,
        entry=dispatch.entry,
        department=dispatch.department,
        note=dispatch.note,
        is_urgent=dispatch.is_urgent,
        state=dispatch.state,
        is_late=dispatch.is_late(now),
        sent_at=dispatch.sent_at.astimezone(zone),
        sent_by=dispatch.sent_by,
        accept_by=dispatch.accept_by.astimezone(zone),
        complete_by=local(dispatch.complete_by, zone),
        accepted_at=local(dispatch.accepted_at, zone),
        accepted_by=dispatch.accepted_by,
        accepted_who=dispatch.accepted_who,
        ended_at=local(dispatch.ended_at, zone),
        ended_by=dispatch.ended_by,
        ended_who=dispatch.ended_who,
        result=dispatch.result,
    )


def _message_seconds(call: CallRecord) -> float | None:
    if call.message_at is None or call.recording_start is None:
        return None
    return seconds(max(timedelta(0), call.message_at - call.recording_start))


def local(at: datetime | None, zone: tzinfo) -> datetime | None:
    """Return the moment with the centre's offset."""
    return None if at is None else at.astimezone(zone)


def seconds(wait: timedelta | None) -> float | None:
    """Return a wait in seconds."""
    return None if wait is None else round(wait.total_seconds(), 3)
