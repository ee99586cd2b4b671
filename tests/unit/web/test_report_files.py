"""Files of reports say whose they are, and nothing in a heading or a cell is run by a spreadsheet."""

from hotline.sheets.row_files import rows_as_csv
from hotline.web.report_shapes import AgentOut, AgentsReport
from hotline.web.report_tables import agent_rows, with_centre

AGENT = AgentOut.model_validate(
    {
        "agent": "8001", "name": "@小王", "calls": 3, "calls_out": 1, "talk_seconds": 60.5, "hold_seconds": 0,
        "wrap_up_seconds": 9, "ready_seconds": 90, "paused_seconds": 30, "pauses": {"=SUM(1)": 10, "用餐": 20},
        "missed": 0, "marks": 0, "mark_mean": None, "drafts_kept": 2, "drafts_changed": 1, "drafts_share": 0.3333,
        "occupancy": None, "human_seconds": {"p50": 7.5, "p90": None, "p99": None},
    }
)  # fmt: skip


def report(*agents: AgentOut) -> AgentsReport:
    return AgentsReport.model_validate(
        {"first": "2026-11-01", "last": "2026-11-02", "agents": agents, "definitions": ()}
    )


def test_each_row_names_its_centre_and_a_centre_named_like_a_formula_is_text() -> None:
    written = rows_as_csv(*with_centre("=1+1", ["来电"], [[1], [None]])).decode("utf-8-sig")

    assert written.splitlines() == ["服务中心,来电", "'=1+1,1", "'=1+1,"]


def test_heading_that_begins_like_a_formula_is_text() -> None:
    assert rows_as_csv(["=1+1"], []).decode("utf-8-sig") == "'=1+1\r\n"


def test_agents_have_a_column_for_each_reason_that_somebody_paused_for() -> None:
    rested = AGENT.model_copy(update={"agent": "8002", "pauses": {"用餐": 5.0}})
    headings, rows = agent_rows(report(AGENT, rested))

    assert headings[-3:] == ["人工中位数（秒）", "示忙：=SUM(1)（秒）", "示忙：用餐（秒）"]
    assert [row[-3:] for row in rows] == [[7.5, 10.0, 20.0], [7.5, 0.0, 5.0]]
    assert dict(zip(headings, rows[0], strict=True))["草稿改动（栏）"] == 1


def test_agents_who_never_paused_have_no_such_column() -> None:
    headings, rows = agent_rows(report(AGENT.model_copy(update={"pauses": {}})))

    assert (headings[-1], len(rows[0])) == ("人工中位数（秒）", len(headings))
