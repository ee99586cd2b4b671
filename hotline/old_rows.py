"""Which rows end, and by which setting: the worker removes them, the page of retention counts them.

Every table that is not here has its end, or its reason to stay, in docs/recordings.md.
"""

from collections.abc import Mapping
from typing import Final

from hotline.agents.store import AgentStateTable, HelpWishTable
from hotline.alerts.gaps_store import LinkGapTable
from hotline.alerts.ring_store import AlertRingTable
from hotline.alerts.store import AlertDeliveryTable, AlertTable
from hotline.livehelp.by_hand_store import ByHandTable
from hotline.livehelp.store import LiveHelpStepTable, LiveHelpTable
from hotline.quality.review import ReviewState
from hotline.quality.store import QualityCalibrationTable, QualityCommentTable, QualityReviewTable
from hotline.retention.rows_store import OldRows
from hotline.web.store import AccessLogTable

OLD_ROWS: Final[Mapping[str, tuple[OldRows, ...]]] = {
    "live_help": (
        OldRows(
            table=LiveHelpTable,
            key=LiveHelpTable.id,
            at=LiveHelpTable.began,
            only=(LiveHelpTable.ended_at.is_not(None),),
        ),
        OldRows(table=LiveHelpStepTable, key=LiveHelpStepTable.id, at=LiveHelpStepTable.at),
        OldRows(table=HelpWishTable, key=HelpWishTable.id, at=HelpWishTable.ended_at),
        OldRows(table=ByHandTable, key=ByHandTable.id, at=ByHandTable.ended_at),
    ),
    "reviews": (
        OldRows(
            table=QualityReviewTable,
            key=QualityReviewTable.id,
            at=QualityReviewTable.called_at,
            only=(QualityReviewTable.state != ReviewState.OBJECTED.value,),
            parts=(QualityCommentTable.review,),
        ),
        OldRows(table=QualityCalibrationTable, key=QualityCalibrationTable.id, at=QualityCalibrationTable.called_at),
    ),
    "alerts": (
        OldRows(
            table=AlertTable,
            key=AlertTable.id,
            at=AlertTable.ended_at,
            only=(AlertTable.standing.is_(None),),
            parts=(AlertDeliveryTable.alert_id, AlertRingTable.alert_id),
        ),
        OldRows(table=LinkGapTable, key=LinkGapTable.id, at=LinkGapTable.ended),
    ),
    "agent_states": (OldRows(table=AgentStateTable, key=AgentStateTable.id, at=AgentStateTable.ended_at),),
    "access_log": (OldRows(table=AccessLogTable, key=AccessLogTable.id, at=AccessLogTable.at),),
}
"""By the name of the setting (`retention.…`), in the order in which they go."""
