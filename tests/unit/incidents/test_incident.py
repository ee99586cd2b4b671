from datetime import UTC, datetime, timedelta

import pytest

from hotline.incidents.incident import (
    FIXED_SENTENCE,
    NEXT,
    OPEN,
    Act,
    Incident,
    IncidentState,
    IncidentStepRefused,
    Notice,
    advance,
    incident_id,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=7)
S = IncidentState


def incident(state: IncidentState = S.SUSPECTED) -> Incident:
    return Incident(id=1, building=3, state=state, since=NOON, raised_at=NOON, raised_by="rule")


def test_suspected_incident_is_confirmed_and_then_over() -> None:
    confirmed = advance(incident(), Act.CONFIRM, NOON)
    over = advance(confirmed, Act.END, LATER)

    assert (confirmed.state, confirmed.confirmed_at, confirmed.closed_at) == (S.CONFIRMED, NOON, None)
    assert (over.state, over.confirmed_at, over.closed_at) == (S.OVER, NOON, LATER)
    assert (confirmed.is_open, over.is_open) == (True, False)


def test_suspected_incident_may_be_dismissed() -> None:
    dismissed = advance(incident(), Act.DISMISS, LATER)

    assert (dismissed.state, dismissed.closed_at, dismissed.is_open) == (S.DISMISSED, LATER, False)


@pytest.mark.parametrize("state", [S.SUSPECTED, S.CONFIRMED])
def test_notice_may_change_while_an_incident_is_open_and_changes_nothing_else(state: IncidentState) -> None:
    assert advance(incident(state), Act.NOTICE, LATER) == incident(state)


@pytest.mark.parametrize(("state", "act"), [(s, a) for s in S for a in Act if (s, a) not in NEXT])
def test_step_that_the_table_does_not_have_is_refused(state: IncidentState, act: Act) -> None:
    with pytest.raises(IncidentStepRefused, match=f"is {state.value}: no {act.value}"):
        advance(incident(state), act, LATER)


@pytest.mark.parametrize("state", [S.OVER, S.DISMISSED])
def test_closed_incident_allows_no_step_at_all(state: IncidentState) -> None:
    assert state not in OPEN
    assert [act for act in Act if (state, act) in NEXT] == []


@pytest.mark.parametrize(
    ("notice", "language", "played"),
    [
        (Notice(), "zh", FIXED_SENTENCE),
        (Notice(text="水管爆裂", sound="free/abc"), "zh", "free/abc"),
        (Notice(text="水管爆裂", sound="free/abc"), "en", FIXED_SENTENCE),
        (Notice(text="水管爆裂", trouble="no-voice"), "zh", FIXED_SENTENCE),
        (Notice(text="水管爆裂", sound="free/abc", recording="phoned-in-7"), "zh", "phoned-in-7"),
    ],
)
def test_recording_is_played_before_a_text_and_the_fixed_sentence_otherwise(
    notice: Notice, language: str, played: str
) -> None:
    assert notice.prompt(language) == played


def test_words_of_a_notice_are_not_in_its_repr() -> None:
    assert "水管" not in repr(Notice(text="水管爆裂"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("17", 17),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("0", None),
        ("017", None),
        ("-1", None),
        ("", None),
        ("17a", None),
        ("１７", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_call_names_an_incident_by_a_plain_number_only(text: str, number: int | None) -> None:
    assert incident_id(text) == number
