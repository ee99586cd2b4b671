"""Every state, step and source of the duty log has its word on the screen."""

from hotline.dutylog.dispatch import DispatchState, DispatchStep
from hotline.dutylog.entry import Source
from hotline.followups.follow_up import FollowUpState
from hotline.web.words import read_words

WORDS = read_words()


def test_every_word_of_the_duty_log_is_on_the_screen_in_chinese() -> None:
    assert {source.value for source in Source} == set(WORDS["entry_source"])
    assert {state.value for state in DispatchState} == set(WORDS["dispatch_state"])
    assert {step.value for step in DispatchStep} | {"send"} == set(WORDS["dispatch_do"])
    assert {state.value for state in FollowUpState} == set(WORDS["matter_state"])
