"""What a resident hears of a repair or of fees: nothing before a proof, and no path that ends nowhere."""

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
    SayArrears,
    SayMatter,
    SayPromise,
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
from hotline.voice import pieces
from hotline.voice.pieces import LANGUAGES, LARGEST, Language

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon at the centre
TODAY = date(2026, 11, 22)
HOME = Home(3, 2, 501)
MATTER = Matter(
    id=1, home=HOME, kind=MatterKind.REPAIR, text="x",
    opened=datetime(2026, 11, 20, 17, 0, tzinfo=UTC),  # the 21st at the centre
    promised=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),  # the 23rd, half past midnight
)  # fmt: skip
WHICH = SayMatter(MatterKind.REPAIR, date(2026, 11, 21), TODAY)
OWED = Arrears(home=HOME, months=("2026-03", "2026-01", "2026-02", "2025-10"), fen=123_456)
KNOWN = CallerFacts(result=LookedUp.KNOWN, homes=(HOME,), open_matter=MATTER, arrears=OWED, greets_by_name=True)
TAIL = 4  # digits of a registered number, where the home set no PIN
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
    assert offer(PROGRESS) == Ask(sayings=(WHICH, "case-in-progress", "chosen-progress-after"), state=State.OFFERED)


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("1", CollectDigits(sayings=("ask-pin",), state=State.ASKED, digits=TAIL)),
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
    assert after(PROGRESS, again, "1") == CollectDigits(sayings=("ask-pin",), state=State.ASKED, digits=TAIL)


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


def test_home_that_did_not_ask_to_be_greeted_hears_nothing_before_a_proof() -> None:
    quiet = replace(PROGRESS, facts=replace(KNOWN, greets_by_name=False))

    assert offer(quiet) is None
    assert said(walk(quiet, Proof.RIGHT), SayPromise)


def test_home_with_a_pin_may_press_six_digits_and_any_other_only_four() -> None:
    def asked(enquiry: Enquiry) -> list[int]:
        steps = (begin(enquiry), walk(enquiry, Proof.WRONG))
        return [step.digits for step in steps if isinstance(step, CollectDigits)]

    assert asked(FEES) == [4, 4]
    assert asked(replace(FEES, facts=replace(KNOWN, has_pin=True))) == [6, 6]


@pytest.mark.parametrize(
    ("pressed", "seconds"), [("", 8), ("8", 3), ("850", 3), ("8501", 1)]
)  # fmt: skip
def test_silence_ends_the_digits_sooner_the_less_can_still_come(pressed: str, seconds: int) -> None:
    asked = begin(FEES)

    assert isinstance(asked, CollectDigits)
    assert asked.wait_after(pressed) == timedelta(seconds=seconds)


def test_pound_key_that_is_asked_for_has_its_place_after_the_last_digit() -> None:
    asked = begin(FEES)

    assert isinstance(asked, CollectDigits)
    assert asked.most == len("8501#")


def test_progress_after_a_proof_names_matter_and_promise_in_the_centres_time() -> None:
    promise = SayPromise(datetime(2026, 11, 23, 0, 30, tzinfo=ZONE), TODAY)

    assert walk(PROGRESS, Proof.RIGHT) == Lead(
        to=Place.ON, sayings=(WHICH, "case-in-progress", promise), is_proven=True
    )


def test_matter_without_a_promise_is_told_without_one() -> None:
    unpromised = replace(PROGRESS, facts=replace(KNOWN, open_matter=replace(MATTER, promised=None)))

    assert walk(unpromised, Proof.RIGHT) == Lead(to=Place.ON, sayings=(WHICH, "case-in-progress"), is_proven=True)


def test_broken_promise_is_apologised_for_and_people_follow() -> None:
    late = replace(PROGRESS, facts=replace(KNOWN, open_matter=replace(MATTER, promised=NOW - timedelta(minutes=1))))

    assert walk(late, Proof.RIGHT) == Lead(to=Place.PEOPLE, sayings=(WHICH, "progress-overdue"), is_proven=True)


def test_matter_that_vanished_between_offer_and_proof_leads_to_people() -> None:
    gone = replace(PROGRESS, facts=replace(KNOWN, open_matter=None))

    step = after(gone, CollectDigits(sayings=("ask-pin",), state=State.ASKED, digits=TAIL), Proof.RIGHT)

    assert step == Lead(to=Place.PEOPLE, sayings=("progress-none",), is_proven=True)


def test_arrears_after_a_proof_name_months_and_amount() -> None:
    told = (SayArrears(OWED.months, OWED.yuan), "arrears-how")

    assert walk(FEES, Proof.RIGHT) == Lead(to=Place.ON, sayings=told, is_proven=True)


def test_home_that_owes_nothing_hears_so_only_after_a_proof() -> None:
    paid = replace(FEES, facts=replace(KNOWN, arrears=None))

    assert begin(paid) == CollectDigits(sayings=("ask-pin",), state=State.ASKED, digits=TAIL)
    assert walk(paid, Proof.RIGHT) == Lead(to=Place.ON, sayings=("arrears-none",), is_proven=True)


SCATTERED = tuple(f"20{year}-{month:02}" for year in range(16, 26) for month in (1, 3, 5))


@pytest.mark.parametrize("arrears", [replace(OWED, months=SCATTERED), replace(OWED, fen=99_999_999_999)])
def test_debt_too_scattered_or_too_large_to_be_read_out_is_for_people(arrears: Arrears) -> None:
    enquiry = replace(FEES, facts=replace(KNOWN, arrears=arrears))

    assert walk(enquiry, Proof.RIGHT) == Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)


def test_second_try_is_granted_and_counts() -> None:
    again = walk(FEES, Proof.WRONG)

    assert again == CollectDigits(sayings=("pin-wrong", "ask-pin"), state=State.ASKED_AGAIN, digits=TAIL)
    assert said(walk(FEES, Proof.WRONG, Proof.RIGHT), SayArrears)


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


def test_who_proved_the_home_already_is_not_asked_again() -> None:
    assert said(begin(replace(FEES, is_proven=True)), SayArrears)
    assert said(begin(replace(PROGRESS, is_proven=True)), SayPromise)


def test_menu_keys_in_place_of_a_pin_need_no_proof() -> None:
    assert [pressed for pressed in ("", "0", "9", "*", "1", "8501", "00") if needs_no_proof(pressed)] == [
        "", "0", "9", "*"
    ]  # fmt: skip


def test_nothing_confidential_is_said_without_a_proof_and_every_path_ends() -> None:
    def follow(enquiry: Enquiry, step: Step | None, *, is_proven: bool) -> None:
        if step is None:
            return
        assert is_proven or not said(step, SayArrears, SayPromise)
        if isinstance(step, Lead):
            assert step.is_proven == is_proven
            return
        for heard in ("", *"0123456789*#", *Proof):
            proves = isinstance(step, CollectDigits) and heard == Proof.RIGHT
            follow(enquiry, after(enquiry, step, heard), is_proven=proves)  # without an end, Python ends it

    for enquiry in (PROGRESS, FEES):
        follow(enquiry, begin(enquiry), is_proven=False)
        follow(enquiry, offer(enquiry), is_proven=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_told_can_be_spoken_from_pieces(language: Language) -> None:
    promise = SayPromise(datetime(2026, 11, 23, 0, 30, tzinfo=ZONE), TODAY)

    for kind in MatterKind:
        assert pieces.open_matter(kind, WHICH.opened, WHICH.today, language)
    assert pieces.expected(promise.by, promise.today, language)
    assert pieces.arrears(OWED.months, OWED.yuan, language)
    assert pieces.arrears(OWED.months, LARGEST, language)


def test_no_caller_is_asked_more_than_four_times() -> None:
    def longest(step: Step | None) -> int:
        if step is None or isinstance(step, Lead):
            return 0
        return 1 + max(longest(after(PROGRESS, step, heard)) for heard in ("", *"0123456789*#", *Proof))

    assert longest(offer(PROGRESS)) == 4
    assert longest(begin(PROGRESS)) == 2


def test_every_state_has_a_way_on_for_whatever_is_heard() -> None:
    assert set(OTHERWISE) == set(State)
    assert {state for state, _ in NEXT} == set(State)
