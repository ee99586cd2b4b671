"""Draft a call's duty-log entry from what is known: the request named by key, who called, what was said. Pure.

A draft only says what somebody said or pressed, and each of its fields says who that was (`fields`). What is not known,
and what two contradict each other in, stays empty for the agent to fill.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.draft_fields import NO, YES, Certainty, Drafted, DraftField, Origin, second_of
from hotline.dutylog.draft_places import draft_home
from hotline.dutylog.draft_promises import draft_due, draft_promise
from hotline.dutylog.draft_words import URGENT_WORDS, Sign, emergency_in, kinds_in, signs_of, symptom_in
from hotline.dutylog.entry import CHINA, Kind
from hotline.residents.resident import KnownCaller
from hotline.transcribe.transcript import Side, Turn

# What a menu may name; "unknown" names nothing.
REQUESTS: Final = frozenset(Kind) - {Kind.UNKNOWN}

POLITE_ONLY: Final = frozenset("好的是嗯啊哦喂对行谢您你再见，。！？、 ")
UNANSWERED: Final = "未接通：来电人未等到人工接听，需回电。"
TURNED_AWAY: Final = "未接入：来电过多，线路已满，来电人只听到提示，需回电。"
SERVED_BY_MENU: Final = "来电人在菜单中自助查询完毕，未转人工。"
INCIDENT_JOINED: Final = "来电人已登记楼栋事件，结束后告知。"
CALL_BACK_WISHED: Final = "来电人要求回电。"
MESSAGE: Final = "来电留言："
MESSAGE_UNHEARD: Final = "来电留言，请听录音。"
NOT_RECORDED: Final = "未录音：来电人不同意录音，没有对话文字，请坐席补写事项。"
LONGEST_MATTER: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the entry of a call would say."""

    kind: Kind
    is_urgent: bool
    who: str
    home: str
    matter: str
    promised: str
    agent: str
    fields: tuple[Drafted, ...] = field(default=(), compare=False)  # what each rests on; none in a person's words


def draft_entry(call: CallRecord, known: KnownCaller | None, turns: Sequence[Turn], *, zone: tzinfo = CHINA) -> Draft:
    """Return the draft of the call's entry. How satisfied the caller was stays on the call: it is not the matter.

    A promised time is one of the centre's `zone`.
    """
    said = [turn for turn in turns if turn.side is Side.CALLER and not _is_polite_only(turn.text)]
    emergency = _emergency(said)
    kind = _kind(call, said, emergency)
    urgency = _urgency(call, said, kind)
    home, promise = draft_home(known, turns), draft_promise(turns)
    resident = known.resident if known else None
    return Draft(
        kind=Kind(kind.value or Kind.UNKNOWN),
        is_urgent=urgency.value == YES,
        who=resident.salutation if resident else "",
        home=home.value,
        matter="\n".join(_matter(call, said))[:LONGEST_MATTER],
        promised=promise.value[:LONGEST_MATTER],
        agent=call.agent,
        fields=(
            kind,
            home,
            _symptom(said),
            urgency,
            emergency,
            replace(promise, value=promise.value[:LONGEST_MATTER]),
            draft_due(turns, call.recording_start or call.human_answer, zone),
        ),
    )


def _matter(call: CallRecord, said: Sequence[Turn]) -> Iterator[str]:
    """Yield what the agent must know before the words, then the words as told, those of a message named as such."""
    if call.joined_incident:
        yield INCIDENT_JOINED
    if call.outcome is Outcome.SERVED_BY_MENU:
        yield SERVED_BY_MENU
    elif call.outcome is Outcome.TURNED_AWAY:
        yield TURNED_AWAY
    elif call.state is CallState.ENDED and call.human_answer is None and call.outcome is not Outcome.INCIDENT_JOINED:
        yield UNANSWERED
    if call.call_back_at:
        yield CALL_BACK_WISHED
    if call.recording_refused and call.recording_start is None:  # a message left afterwards is recorded
        yield NOT_RECORDED
        return
    # The beep comes before the message: a turn that only ends after it is already the message.
    begins = call.message_at - call.recording_start if call.message_at and call.recording_start else None
    message = [turn.text for turn in said if begins is not None and turn.end > begins]
    yield from (turn.text for turn in said if begins is None or turn.end <= begins)
    if call.message_at:
        yield MESSAGE if message else MESSAGE_UNHEARD
    yield from message


def _kind(call: CallRecord, said: Sequence[Turn], emergency: Drafted) -> Drafted:
    """An emergency comes first, by key or by words of danger; then the request named by key; then other words.

    A call from before the menus named requests has only its keys, whose meaning is no longer known: its words decide.
    """
    # Calls from before EMERGENCY was said have the queue of that name.
    if call.is_emergency or call.queue == "emergency":
        certainty = Certainty.SURE if emergency.value else Certainty.LIKELY
        return Drafted(field=DraftField.KIND, value=Kind.SPECIAL_HELP.value, origin=Origin.MENU, certainty=certainty)
    if emergency.value:
        return replace(emergency, field=DraftField.KIND, value=Kind.SPECIAL_HELP.value)
    spoken = kinds_in(said)
    if call.request in REQUESTS:
        kinds = {kind for kind, _ in spoken}
        others = tuple(kind.value for kind, _ in spoken if kind != call.request)
        certainty = Certainty.SURE if call.request in kinds else Certainty.UNSURE if kinds else Certainty.LIKELY
        offered = others if certainty is Certainty.UNSURE else ()
        return Drafted(
            field=DraftField.KIND, value=call.request, origin=Origin.MENU, certainty=certainty, offered=offered
        )
    if not spoken:
        return Drafted(field=DraftField.KIND)
    # Who asks a question asks it about something: an enquiry beside another kind is no rival to it.
    rivals = [kind for kind, _ in spoken[1:] if kind is not Kind.ENQUIRY]
    kind, sign = spoken[0]
    return _said(
        DraftField.KIND,
        kind.value,
        sign,
        certainty=Certainty.UNSURE if rivals else Certainty.LIKELY,
        offered=tuple(rival.value for rival in rivals),
    )


def _urgency(call: CallRecord, said: Sequence[Turn], kind: Drafted) -> Drafted:
    """What is special help is urgent; else a word of the table says so. Without a word it is no, and nobody knows."""
    if kind.value == Kind.SPECIAL_HELP:
        return replace(kind, field=DraftField.URGENCY, value=YES, offered=())
    sign = next(signs_of(URGENT_WORDS, said), None)
    if sign is not None:
        # A call of ours is about what was: the leak that was mended.
        certainty = Certainty.UNSURE if call.direction == "outbound" else Certainty.LIKELY
        return _said(DraftField.URGENCY, YES, sign, certainty=certainty)
    origin = Origin.RECORDING if said else Origin.NOTHING
    certainty = Certainty.LIKELY if said else Certainty.UNSURE
    return Drafted(field=DraftField.URGENCY, value=NO, origin=origin, certainty=certainty)


def _emergency(said: Sequence[Turn]) -> Drafted:
    found = emergency_in(said)
    return _said(DraftField.EMERGENCY, *found) if found else Drafted(field=DraftField.EMERGENCY)


def _symptom(said: Sequence[Turn]) -> Drafted:
    found = symptom_in(said)
    return _said(DraftField.SYMPTOM, *found) if found else Drafted(field=DraftField.SYMPTOM)


def _said(
    name: DraftField,
    value: str,
    sign: Sign,
    *,
    certainty: Certainty = Certainty.LIKELY,
    offered: tuple[str, ...] = (),
) -> Drafted:
    return Drafted(
        field=name,
        value=value,
        origin=Origin.RECORDING,
        certainty=certainty,
        side=sign.turn.side,
        second=second_of(sign.turn, sign.word),
        phrase=sign.word,
        offered=offered,
    )


def _is_polite_only(text: str) -> bool:
    return set(text) <= POLITE_ONLY
