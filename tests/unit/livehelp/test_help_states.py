"""A supervisor's help by its one table."""

from datetime import UTC, datetime

import pytest

from hotline.calls.family import age
from hotline.livehelp.help import Help, HelpState, HelpStepRefused, Mode, help_channel, may_turn, seen

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def in_state(state: HelpState) -> Help:
    return Help(
        id=1, channel="help-1.1", key="k", by="chen", extension="8901", agent="8001", call_id="c", mode=Mode.LISTEN,
        state=state, began=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "mode", "becomes"),
    [
        (HelpState.ASKED, Mode.LISTEN, HelpState.LISTENING),
        (HelpState.ASKED, Mode.TAKE, HelpState.TAKEN),
        (HelpState.ASKED, None, HelpState.FAILED),
        (HelpState.LISTENING, Mode.WHISPER, HelpState.WHISPERING),
        (HelpState.WHISPERING, Mode.BARGE, HelpState.SPEAKING),
        (HelpState.SPEAKING, Mode.TAKE, HelpState.TAKEN),
        (HelpState.SPEAKING, None, HelpState.OVER),
        (HelpState.TAKEN, None, HelpState.OVER),
        (HelpState.TAKEN, Mode.LISTEN, HelpState.TAKEN),
        (HelpState.OVER, Mode.LISTEN, HelpState.OVER),
        (HelpState.FAILED, None, HelpState.FAILED),
        (HelpState.LISTENING, Mode.LISTEN, HelpState.LISTENING),
    ],
)
def test_what_the_switch_shows_decides_where_help_stands(
    state: HelpState, mode: Mode | None, becomes: HelpState
) -> None:
    assert seen(state, mode) is becomes


@pytest.mark.parametrize("state", [HelpState.ASKED, HelpState.TAKEN, HelpState.OVER, HelpState.FAILED])
def test_who_is_at_no_agents_side_can_do_nothing_else_there(state: HelpState) -> None:
    with pytest.raises(HelpStepRefused):
        may_turn(in_state(state), Mode.WHISPER)


def test_what_is_done_already_is_not_asked_of_the_switch_again() -> None:
    assert not may_turn(in_state(HelpState.WHISPERING), Mode.WHISPER)
    assert may_turn(in_state(HelpState.WHISPERING), Mode.TAKE)


def test_the_call_of_a_resident_who_is_taken_over_is_older_than_the_supervisors_channel() -> None:
    assert age(help_channel(AT, 7)) > age(f"hotline-{int(AT.timestamp()) - 1}.9")
