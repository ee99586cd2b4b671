"""What came of a campaign's targets, as it stands in SQL."""

from hotline.campaigns.results import TargetResult
from hotline.campaigns.targets_store import TargetTable


def result_of_target(row: TargetTable) -> TargetResult:
    """Return what came of a target, without its number."""
    return TargetResult(
        home="" if row.household == row.e164 else row.household,
        who=row.salutation,
        fen=row.fen,
        state=row.state,
        reasons=[str(one) for one in row.reasons],
        attempts=row.attempts,
        outcome=row.outcome,
        said=[str(one) for one in row.said],
    )
