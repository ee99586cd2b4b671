"""What a resident hears of a repair or of fees: nothing before a proof, and no path that ends nowhere."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.ivr.enquiry import (
    NEXT,
    OTHERWISE,
    Ask,
    CollectDigits,
    Enquiry,
    Lead,
    Place,
    Proof,
    SayAmount,
    SayDate,
    SayKind,
    SayMonths,
    SayTime,
    State,
    Step,
    Topic,
    after,
    begin,
    needs_no_proof,
    offer,
)
from hotline.ivr.facts import CallerFacts, LookedUp
from hotline.residents.resident import Arrears, Home, Matter, MatterKind

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon at the centre
TODAY = date(2026, 11, 22)
HOME = Home(3, 2, 501)
MATTER = Matter(
    id=1, home=HOME, kind=MatterKind.REPAIR, text="x",
    opened=datetime(2026, 11, 20, 17, 0, tzinfo=UTC),  # the 21st at the centre
    promised=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),  # the 23rd, half past midnight
)  # fmt: skip
KIND = SayKind(MatterKind.REPAIR, date(2026, 11, 21), TODAY)
OWED = Arrears(home=HOME, months=("2026-03", "2026-01", "2026-02", "2025-10"), fen=123_456)
KNOWN = CallerFacts(result=LookedUp.KNOWN, homes=(HOME,), open_matter=MATTER, arrears=OWED)
PROGRESS = Enquiry(topic=Topic.PROGRESS, facts=KNOWN, now=NOW, zone=ZONE)
FEES = replace(PROGRESS, topic=Topic.ARREARS)


def walk(enquiry: Enquiry, *heard: str) -> Step:
    step = begin(enquiry)
    for each in heard:
        assert not isinstance(step, Lead)
        step = after(enquiry, step, each)
    return step


def said(step: Step, *kinds: type) -> bool:
    return any(isinstance(saying, kinds) for saying in step.sayings)


def test_open_matter_is_told_before_the_menu_with_a_key_for_more() -> None:
    assert offer(PROGRESS) == Ask(sayings=(KIND, "case-in-progress", "chosen-progress-after"), state=State.OFFERED)


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("1", CollectDigits(sayings=("ask-pin",), state=State.ASKED)),
        ("2", Lead(to=Place.MENU)),
        ("0", Lead(to=Place.PEOPLE, sayings=("connecting",))),
        ("9", Lead(to=Place.EMERGENCY, key="9")),
        ("3", Lead(to=Place.MENU, key="3")),
        ("#", Lead(to=Place.MENU, key="#")),
        ("", Lead(to=Place.PEOPLE, sayings=("connecting",))),
    ],
)
def test_each_key_at_the_offer_leads_on(key: str, step: Step) -> None:
    offered = offer(PROGRESS)
    assert offered is not None

    assert after(PROGRESS, offered, key) == step


def test_offer_is_repeated_once_and_then_the_menu_follows() -> None:
    offered = offer(PROGRESS)
    assert offered is not None

    again = after(PROGRESS, offered, "*")

    assert again == Ask(sayings=offered.sayings, state=State.OFFERED_AGAIN)
    assert isinstance(again, Ask)
    assert after(PROGRESS, again, "*") == Lead(to=Place.MENU)
    assert after(PROGRESS, again, "1") == CollectDigits(sayings=("ask-pin",), state=State.ASKED)


@pytest.mark.parametrize("matter", [None, MATTER])
@pytest.mark.parametrize(
    "facts",
    [
        CallerFacts(result=LookedUp.UNKNOWN),
        CallerFacts(result=LookedUp.LATE),
        CallerFacts(result=LookedUp.FAILED),
        CallerFacts(result=LookedUp.UNKNOWN, homes=(HOME,), arrears=OWED),
        CallerFacts(result=LookedUp.KNOWN, homes=(HOME, Home(1, 1, 101)), arrears=OWED),
        CallerFacts(result=LookedUp.KNOWN),
    ],
)
def test_who_cannot_prove_a_home_goes_to_people_at_once(facts: CallerFacts, matter: Matter | None) -> None:
    for topic in Topic:
        enquiry = Enquiry(topic=topic, facts=replace(facts, open_matter=matter), now=NOW, zone=ZONE, is_proven=True)

        assert begin(enquiry) == Lead(to=Place.PEOPLE, sayings=("connecting",))
        assert offer(enquiry) is None


def test_home_with_nothing_open_is_told_so_and_goes_to_people() -> None:
    nothing = replace(PROGRESS, facts=replace(KNOWN, open_matter=None))

    assert begin(nothing) == Lead(to=Place.PEOPLE, sayings=("progress-none",))
    assert offer(nothing) is None


def test_progress_after_a_proof_names_kind_day_and_promise_in_the_centres_time() -> None:
    step = walk(PROGRESS, Proof.RIGHT)

    assert isinstance(step, Ask)
    promised = datetime(2026, 11, 23, 0, 30, tzinfo=ZONE)
    assert step.sayings == (
        KIND, "case-in-progress", "progress-promised", SayDate(date(2026, 11, 23), TODAY), SayTime(promised),
        "after-enquiry",
    )  # fmt: skip
    assert step.state is State.TOLD


def test_matter_without_a_promise_is_told_without_one() -> None:
    unpromised = replace(PROGRESS, facts=replace(KNOWN, open_matter=replace(MATTER, promised=None)))

    assert walk(unpromised, Proof.RIGHT).sayings == (KIND, "case-in-progress", "after-enquiry")


def test_broken_promise_is_apologised_for_and_people_follow() -> None:
    late = replace(PROGRESS, facts=replace(KNOWN, open_matter=replace(MATTER, promised=NOW - timedelta(minutes=1))))

    assert walk(late, Proof.RIGHT) == Lead(to=Place.PEOPLE, sayings=(KIND, "progress-overdue"), is_proven=True)


def test_arrears_after_a_proof_name_months_and_amount() -> None:
    step = walk(FEES, Proof.RIGHT)

    stretches = (("2025-10", "2025-10"), ("2026-01", "2026-03"))
    told = ("arrears-are", SayMonths(stretches), SayAmount(123_456), "arrears-how", "after-enquiry")
    assert step == Ask(sayings=told, state=State.TOLD)


def test_home_that_owes_nothing_hears_so_only_after_a_proof() -> None:
    paid = replace(FEES, facts=replace(KNOWN, arrears=None))

    assert begin(paid) == CollectDigits(sayings=("ask-pin",), state=State.ASKED)
    assert walk(paid, Proof.RIGHT) == Ask(sayings=("arrears-none", "after-enquiry"), state=State.TOLD)


def test_debt_in_too_many_pieces_to_be_listened_to_is_for_people() -> None:
    months = tuple(f"20{year}-{month:02}" for year in range(16, 26) for month in (1, 3, 5))
    scattered = replace(FEES, facts=replace(KNOWN, arrears=replace(OWED, months=months)))

    assert walk(scattered, Proof.RIGHT) == Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)


def test_second_try_is_granted_and_counts() -> None:
    again = walk(FEES, Proof.WRONG)

    assert again == CollectDigits(sayings=("pin-wrong", "ask-pin"), state=State.ASKED_AGAIN)
    assert said(walk(FEES, Proof.WRONG, Proof.RIGHT), SayAmount)


def test_two_wrong_tries_lead_to_people() -> None:
    assert walk(FEES, Proof.WRONG, Proof.WRONG) == Lead(to=Place.PEOPLE, sayings=("pin-refused",))


@pytest.mark.parametrize("before", [(), (Proof.WRONG,)])
@pytest.mark.parametrize(
    ("heard", "step"),
    [
        (Proof.LOCKED, Lead(to=Place.PEOPLE, sayings=("pin-refused",))),
        (Proof.FAILED, Lead(to=Place.PEOPLE, sayings=("connecting",))),
        ("", Lead(to=Place.PEOPLE, sayings=("connecting",))),
        ("0", Lead(to=Place.PEOPLE, sayings=("connecting",))),
        ("9", Lead(to=Place.EMERGENCY, key="9")),
        ("*", Lead(to=Place.MENU)),
    ],
)
def test_who_cannot_or_will_not_prove_a_home_is_led_on(before: tuple[str, ...], heard: str, step: Step) -> None:
    assert walk(FEES, *before, heard) == step


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("0", Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)),
        ("*", Lead(to=Place.MENU, is_proven=True)),
        ("9", Lead(to=Place.EMERGENCY, key="9")),
        ("", Lead(to=Place.GOODBYE, sayings=("goodbye",))),
    ],
)
def test_each_key_after_the_answer_leads_on(key: str, step: Step) -> None:
    assert walk(FEES, Proof.RIGHT, key) == step
    assert walk(FEES, Proof.RIGHT, "7", key) == step


def test_wrong_key_after_the_answer_repeats_it_once_and_then_leads_to_people() -> None:
    told = walk(FEES, Proof.RIGHT)

    assert walk(FEES, Proof.RIGHT, "7") == replace(told, state=State.TOLD_AGAIN)
    assert walk(FEES, Proof.RIGHT, "7", "7") == Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)


def test_who_proved_the_home_already_is_not_asked_again() -> None:
    assert said(begin(replace(FEES, is_proven=True)), SayAmount)
    assert said(begin(replace(PROGRESS, is_proven=True)), SayTime)


def test_menu_keys_in_place_of_a_pin_need_no_proof() -> None:
    assert [pressed for pressed in ("", "0", "9", "*", "1", "8501", "00") if needs_no_proof(pressed)] == [
        "", "0", "9", "*"
    ]  # fmt: skip


def test_nothing_confidential_is_said_before_a_proof_and_every_path_ends() -> None:
    keys = ("", "0", "1", "2", "5", "9", "*", "#", *Proof)
    for enquiry, heard in itertools.product((PROGRESS, FEES), itertools.product(keys, repeat=4)):
        step: Step = begin(enquiry)
        is_proven = False
        for each in heard:
            if isinstance(step, Lead):
                break
            assert is_proven or not said(step, SayAmount, SayMonths, SayDate, SayTime)
            is_proven = is_proven or (isinstance(step, CollectDigits) and each == Proof.RIGHT)
            step = after(enquiry, step, each)

        assert isinstance(step, Lead)


def test_every_state_has_a_way_on_for_whatever_is_heard() -> None:
    assert set(OTHERWISE) == set(State)
    assert {state for state, _ in NEXT} == set(State)
