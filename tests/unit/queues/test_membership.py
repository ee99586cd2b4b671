"""Who serves which queue: what is wished of the agents that there are, and what must be asked of the switch for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.queues.membership import (
    EVERYBODY,
    Joins,
    Leaves,
    Member,
    QueueChange,
    Ranks,
    Skill,
    SkillsRefused,
    Wanted,
    queue_changes,
    wanted,
)

SKILLS = ("repair", "complaint")


def static(agent: str, queue: str = EVERYBODY, **more: object) -> Member:
    return Member(agent=agent, queue=queue, is_static=True, **more)  # type: ignore[arg-type]


def dynamic(agent: str, queue: str, **more: object) -> Member:
    return Member(agent=agent, queue=queue, **more)  # type: ignore[arg-type]


def test_agent_of_whom_nothing_was_said_serves_every_queue() -> None:
    assert wanted(["8001"], SKILLS, {}) == {("8001", EVERYBODY): 0, ("8001", "repair"): 0, ("8001", "complaint"): 0}


def test_agent_without_a_skill_still_serves_everybodys_queue() -> None:
    assert wanted(["8001"], SKILLS, {"8001": (Skill(EVERYBODY, 0),)}) == {("8001", EVERYBODY): 0}


def test_what_was_said_of_a_skill_or_an_agent_that_is_no_more_counts_for_nothing() -> None:
    rows = {"8001": (Skill("repair", 2), Skill("gardening")), "8009": (Skill("repair"),)}

    assert wanted(["8001"], SKILLS, rows) == {("8001", EVERYBODY): 0, ("8001", "repair"): 2}


def test_queues_as_wished_need_no_step() -> None:
    places = {("8001", EVERYBODY): 0, ("8001", "repair"): 1}

    assert queue_changes(places, [static("8001"), dynamic("8001", "repair", penalty=1)], SKILLS) == ()


def test_agent_joins_leaves_and_changes_rank_as_wished_and_joins_come_first() -> None:
    places = {("8001", EVERYBODY): 0, ("8001", "repair"): 3, ("8002", "complaint"): 1}
    actual = [static("8001"), dynamic("8001", "repair"), dynamic("8001", "complaint")]

    assert queue_changes(places, actual, SKILLS) == (
        Joins(agent="8002", queue="complaint", penalty=1),
        Ranks(agent="8001", queue="repair", penalty=3),
        Leaves(agent="8001", queue="complaint"),
    )


def test_agent_in_pause_joins_in_pause() -> None:
    places = {("8001", EVERYBODY): 0, ("8001", "repair"): 0}

    assert queue_changes(places, [static("8001", is_paused=True)], SKILLS) == (
        Joins(agent="8001", queue="repair", is_paused=True),
    )


def test_member_that_stands_in_the_switchs_files_is_never_asked_to_leave() -> None:
    assert queue_changes({}, [static("8001"), static("8002", "repair")], SKILLS) == ()


def test_queue_that_is_not_ours_to_fill_is_left_alone() -> None:
    assert queue_changes({}, [dynamic("8001", "gardening", penalty=5)], SKILLS) == ()


def carried_out(actual: list[Member], to_do: tuple[QueueChange, ...]) -> list[Member]:
    held = {(each.agent, each.queue): each for each in actual}
    for change in to_do:
        match change:
            case Joins():
                held[change.agent, change.queue] = dynamic(change.agent, change.queue, penalty=change.penalty)
            case Ranks():
                before = held[change.agent, change.queue]
                held[change.agent, change.queue] = Member(
                    agent=change.agent, queue=change.queue, penalty=change.penalty, is_static=before.is_static
                )
            case Leaves():
                del held[change.agent, change.queue]
    return list(held.values())


AGENTS = st.sampled_from(["8001", "8002", "8003"])
QUEUES = st.sampled_from([*SKILLS, EVERYBODY])
PENALTIES = st.integers(0, 9)
PLACES = st.dictionaries(st.tuples(AGENTS, QUEUES), PENALTIES)
ACTUAL = st.dictionaries(st.tuples(AGENTS, QUEUES), st.tuples(PENALTIES, st.booleans()))


@given(PLACES, ACTUAL)
def test_after_the_steps_there_is_nothing_left_to_do(
    places: Wanted, held: dict[tuple[str, str], tuple[int, bool]]
) -> None:
    actual = [
        Member(agent=agent, queue=queue, penalty=penalty, is_static=is_static)
        for (agent, queue), (penalty, is_static) in held.items()
    ]

    after = carried_out(actual, queue_changes(places, actual, SKILLS))

    assert queue_changes(places, after, SKILLS) == ()
    assert {(each.agent, each.queue): each.penalty for each in after if (each.agent, each.queue) in places} == places


@pytest.mark.parametrize(
    ("text", "skill"), [("repair", Skill("repair", 0)), ("repair:0", Skill("repair")), ("repair:9", Skill("repair", 9))]
)
def test_skill_is_written_with_or_without_a_penalty(text: str, skill: Skill) -> None:
    assert Skill.parse(text, SKILLS) == skill


@pytest.mark.parametrize("text", ["", "gardening", "repair:", "repair:10", "repair:-1", "Repair", "repair complaint"])
def test_skill_that_is_unknown_or_wrongly_written_is_refused_with_those_that_are_known(text: str) -> None:
    with pytest.raises(SkillsRefused, match="repair, complaint"):
        Skill.parse(text, SKILLS)
