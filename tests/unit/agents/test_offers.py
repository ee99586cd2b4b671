"""What rings and talks at each phone, folded from what a real switch said; and any telling of it ends in its list."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.agents.legs import LegGone, LegNews, LegSeen, LegUnanswered
from hotline.agents.offers import AtPhone, Offer, OfferRefused, Offers, OfferState, PhoneLifted, RangOut, TalkOver
from tests.fakes.recorded_ami import STORIES, told

START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RESIDENT = "13800138501"


def played(story: str) -> tuple[Offers, list[tuple[Offer, ...]], list[AtPhone]]:
    """Hear a story; return the offers at its end, each set of offers there was, and what happened at phones."""
    changed: list[str] = []
    offers, at, seen, happened = Offers(changed.append), START, [()], []
    for news in told(story):
        at += timedelta(milliseconds=100)
        heard = offers.take_list(news, at) if isinstance(news, list) else offers.hear(news, at)
        happened += heard.happened
        if offers.all() != seen[-1]:
            assert heard.changed
            seen.append(offers.all())
    assert changed
    return offers, seen, happened


def shown(offers: Iterable[Offer]) -> set[tuple[str, str]]:
    return {(offer.extension, offer.state.value) for offer in offers}


def names(happened: Iterable[AtPhone]) -> list[tuple[type[AtPhone], str]]:
    return [(type(each), each.extension) for each in happened if not isinstance(each, PhoneLifted)]


@pytest.mark.parametrize("story", STORIES)
def test_what_events_make_is_what_the_switchs_own_list_says_all_along(story: str) -> None:
    offers, at, lists = Offers(), START, 0
    for news in told(story):
        at += timedelta(seconds=1)
        if not isinstance(news, list):
            offers.hear(news, at)
            continue
        fresh = Offers()
        fresh.take_list(news, at)
        lists += bool(news)
        assert truth(offers) == truth(fresh)
        assert not offers.take_list(news, at).changed
    assert lists
    assert offers.all() == ()


def truth(offers: Offers) -> set[tuple[str, str, str, str, bool]]:
    return {
        (offer.call_id, offer.extension, offer.caller_number, offer.state.value, offer.is_emergency)
        for offer in offers.all()
    }


def test_phone_rings_for_the_caller_then_talks_then_is_free() -> None:
    offers, seen, happened = played("answered")

    [ringing, talking] = [sets[0] for sets in seen if sets]
    assert (ringing.extension, ringing.caller_number, ringing.state) == ("8001", RESIDENT, OfferState.RINGING)
    assert talking.state is OfferState.ANSWERED
    assert talking.began == ringing.began
    assert names(happened) == [(TalkOver, "8001")]
    last = offers.last_of("8001")
    assert last is not None
    assert (last.call_id, last.state) == (ringing.call_id, OfferState.OVER)


def test_caller_who_gives_up_while_it_rings_withdraws_the_offer_and_counts_against_nobody() -> None:
    offers, _, happened = played("abandoned_in_the_queue")

    assert happened == []
    last = offers.last_of("8001")
    assert last is not None
    assert last.state is OfferState.WITHDRAWN


def test_phone_that_nobody_lifted_in_time_rang_out() -> None:
    assert names(played("nobody_lifts_in_time")[2]) == [(RangOut, "8001")]


def test_agent_who_refuses_the_call_did_not_let_it_ring_out() -> None:
    assert names(played("refused_by_the_agent")[2]) == [(OfferRefused, "8001")]


def test_emergency_is_one_at_every_phone_that_rings() -> None:
    _, seen, _ = played("danger")

    ringing = next(sets for sets in seen if len(sets) == 2 and all(offer.is_emergency for offer in sets))
    assert {offer.extension for offer in ringing} == {"8001", "8901"}


def test_second_line_on_which_a_colleague_was_asked_becomes_part_of_the_residents_call() -> None:
    _, seen, happened = played("attended_transfer_by_refer")

    asked = next(sets for sets in seen if ("8001", "ringing") in shown(sets))
    resident, consult = asked[1], asked[0]
    assert (resident.extension, consult.extension) == ("8002", "8001")
    assert consult.call_id != resident.call_id
    final = [sets for sets in seen if sets][-1]
    assert [(offer.extension, offer.call_id, offer.caller_number) for offer in final] == [
        ("8001", resident.call_id, RESIDENT)
    ]
    assert names(happened) == [(TalkOver, "8002"), (TalkOver, "8001")]
    assert {each.call_id for each in happened if isinstance(each, TalkOver)} == {resident.call_id}


def test_colleague_who_was_asked_and_handed_nothing_had_no_talk_with_the_resident() -> None:
    assert names(played("asked_a_colleague_and_came_back")[2]) == [(TalkOver, "8001")]


def test_call_that_another_phone_picks_up_is_offered_there() -> None:
    _, seen, happened = played("pick_up")

    assert [shown(sets) for sets in seen if sets] == [{("8001", "ringing")}, {("8002", "answered")}]
    assert names(happened) == [(TalkOver, "8002")]


def test_talk_of_two_phones_of_the_house_is_an_offer_to_the_one_that_rings_and_nobodys_talk_with_a_resident() -> None:
    _, seen, happened = played("internal")

    assert {offer.extension for sets in seen for offer in sets} == {"8002"}
    assert names(happened) == []


def test_phone_says_which_call_it_talks_in() -> None:
    offers = Offers()
    call = leg("PJSIP/carrier-1", "x-1.1", is_up=True, bridge="b", caller=RESIDENT)
    phone = leg("PJSIP/8001-2", "x-1.2", linkedid="x-1.1", is_up=True, is_called=True, bridge="b")
    own = leg("PJSIP/8001-3", "x-1.3", is_up=True)
    offers.hear(own, START)
    assert offers.talk_of("8001") == "x-1.3"

    for news in (call, phone):
        offers.hear(news, START)

    assert (offers.talk_of("8001"), offers.talk_of("8002")) == ("x-1.1", "")


def test_call_of_ones_own_is_no_offer_before_a_resident_is_there() -> None:
    offers = Offers()
    offers.hear(leg("PJSIP/8001-1", "x-1.1", is_called=True), START)
    assert offers.of("8001") == ()

    offers.hear(leg("PJSIP/8001-1", "x-1.1", is_up=True, bridge="b"), START)
    offers.hear(leg("PJSIP/outside-2", "x-1.2", linkedid="x-1.1", is_called=True, is_up=True, bridge="b"), START)

    assert [offer.state for offer in offers.of("8001")] == [OfferState.ANSWERED]


def test_call_of_ours_is_offered_to_the_agent_who_asked_for_it_from_the_first_ring_until_it_is_over() -> None:
    offers, one, happened = Offers(), "outside-1700000000.7", []
    for more in ({"is_called": True}, {"is_up": True}, {"bridge": "b"}):
        happened += offers.hear(leg("PJSIP/8001-1", one, other="8001", **more), START).happened
        [offer] = offers.of("8001")
        expected = OfferState.RINGING if "is_called" in more else OfferState.CALLING
        assert (offer.state, offer.is_ours, offer.answered, offer.caller_number) == (expected, True, None, "")
    assert happened == []

    met = START + timedelta(seconds=9)
    offers.hear(leg("PJSIP/outside-2", "x-1.2", linkedid=one, is_called=True, is_up=True, bridge="b"), met)
    [talk] = offers.of("8001")
    over = offers.hear(LegGone(uniqueid=one), met + timedelta(seconds=60))

    assert (talk.state, talk.answered, talk.began) == (OfferState.ANSWERED, met, START)
    assert names(over.happened) == [(TalkOver, "8001")]
    assert offers.of("8001") == ()


def test_call_of_ours_in_which_nobody_lifted_has_no_talk_to_be_wrapped_up() -> None:
    offers, one = Offers(), "outside-1700000000.7"
    offers.hear(leg("PJSIP/8001-1", one, is_called=True), START)
    offers.hear(leg("PJSIP/8001-1", one, is_up=True), START)

    assert offers.hear(LegGone(uniqueid=one), START).happened == ()
    last = offers.last_of("8001")
    assert last is not None
    assert last.state is OfferState.WITHDRAWN


def test_what_a_gap_ended_is_gone_and_nobody_says_when() -> None:
    offers = Offers()
    for news in list(told("answered"))[:-12]:
        if not isinstance(news, list):
            offers.hear(news, START)
    assert offers.all()

    heard = offers.take_list([], START + timedelta(minutes=5))

    assert (offers.all(), heard.happened, heard.changed) == ((), (), {"8001"})


def test_late_word_of_a_channel_that_ended_makes_it_ring_no_more() -> None:
    offers = Offers()
    ringing = leg("PJSIP/8001-2", "x-1.2", linkedid="x-1.1", is_called=True)
    offers.hear(ringing, START)
    offers.hear(LegGone(uniqueid="x-1.2"), START)

    offers.hear(ringing, START)

    assert offers.of("8001") == ()


def test_of_very_many_ended_channels_the_oldest_are_forgotten() -> None:
    offers = Offers()
    for number in range(1100):
        offers.hear(LegGone(uniqueid=f"x-1.{number}"), START)

    offers.hear(LegUnanswered(uniqueid="x-1.5"), START)
    offers.hear(leg("PJSIP/8001-2", "x-1.5", linkedid="x-1.1", is_called=True), START)
    offers.hear(leg("PJSIP/8001-3", "x-1.1099", linkedid="x-1.1", is_called=True), START)

    assert len(offers.of("8001")) == 1


def leg(channel: str, uniqueid: str, *, linkedid: str = "", **more: object) -> LegSeen:
    return LegSeen(channel=channel, uniqueid=uniqueid, linkedid=linkedid or uniqueid, **more)  # type: ignore[arg-type]


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[LegNews], list[LegSeen]]:
    """A story's events in any order, some twice, some never; and the list that the switch gives at a moment of it."""
    parts = list(told(draw(st.sampled_from(STORIES))))
    lists = [index for index, part in enumerate(parts) if isinstance(part, list)]
    end = draw(st.sampled_from(lists))
    events = [part for part in parts[:end] if not isinstance(part, list)]
    chosen = draw(st.lists(st.sampled_from(events), max_size=60)) if events else []
    listed = parts[end]
    assert isinstance(listed, list)
    return chosen, listed


@settings(max_examples=300, deadline=None)
@given(tellings())
def test_whatever_was_told_lost_or_told_twice_the_switchs_list_is_the_truth(
    telling: tuple[list[LegNews], list[LegSeen]],
) -> None:
    events, listed = telling
    offers, fresh = Offers(), Offers()
    for number, news in enumerate(events):
        offers.hear(news, START + timedelta(seconds=number))

    offers.take_list(listed, START + timedelta(hours=1))
    fresh.take_list(listed, START + timedelta(hours=1))

    ours, theirs = (
        {(offer.extension, offer.state.value) for offer in each.all() if offer.call_id in calls(listed)}
        for each in (offers, fresh)
    )
    assert ours >= theirs, "nothing that rings or talks is missing"
    assert {one.extension for one in offers.all()} <= {phone_of(one) for one in listed}, (
        "and nothing that is gone is there"
    )


def calls(listed: list[LegSeen]) -> set[str]:
    return {one.linkedid for one in listed}


def phone_of(one: LegSeen) -> str:
    return one.channel.removeprefix("PJSIP/").partition("-")[0]
