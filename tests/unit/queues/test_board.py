from hotline.queues.board import AgentState, QueueBoard


def test_a_board_nobody_has_filled_is_not_current() -> None:
    assert not QueueBoard().is_current


def test_agents_stand_in_order_and_can_be_taken_off() -> None:
    board = QueueBoard(is_current=True).with_agent("8002", AgentState.READY).with_agent("8001", AgentState.TALKING)
    assert list(board.agents) == ["8001", "8002"]

    assert list(board.with_agent("8001", None).agents) == ["8002"]


def test_a_caller_who_joins_and_leaves_waits_no_longer() -> None:
    board = QueueBoard().with_waiting("u.1", "service").with_waiting("u.2", "emergency")
    assert dict(board.waiting) == {"u.1": "service", "u.2": "emergency"}

    assert dict(board.with_waiting("u.1", None).with_waiting("u.9", None).waiting) == {"u.2": "emergency"}


def test_changing_a_board_leaves_the_old_one_as_it_was() -> None:
    old = QueueBoard()
    old.with_agent("8001", AgentState.READY)

    assert old == QueueBoard()


def test_agent_taken_out_of_one_queue_still_serves_the_others() -> None:
    board = QueueBoard()
    for queue in ("service", "repair"):
        board = board.with_member("8001", queue, AgentState.READY)

    board = board.without_member("8001", "repair")

    assert dict(board.agents) == {"8001": AgentState.READY}
    assert dict(board.serves) == {"8001": ("service",)}


def test_agent_taken_out_of_the_last_queue_is_off_the_board() -> None:
    board = QueueBoard().with_member("8001", "service", AgentState.READY).without_member("8001", "service")

    assert board == QueueBoard()
