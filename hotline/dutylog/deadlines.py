"""By when a matter of the duty log is answered or handled, and a dispatch accepted. Pure; the rules of domain.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from hotline.dutylog.entry import Kind

# A spoken enquiry is answered within 2 h [P]; the others are the site's to set.
WITHIN: Final[Mapping[Kind, timedelta]] = {
    Kind.ENQUIRY: timedelta(hours=2),
    Kind.REPAIR: timedelta(days=1),
    Kind.COMPLAINT: timedelta(days=3),
    Kind.PAID_SERVICE: timedelta(days=1),
    Kind.GENERAL_HELP: timedelta(days=1),
    Kind.SPECIAL_HELP: timedelta(minutes=30),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each kind may take. A kind that is not named owes nothing: somebody says first what it is."""

    by_kind: Mapping[Kind, timedelta] = field(default_factory=lambda: WITHIN)
    urgent: timedelta = timedelta(hours=1)
    acceptance: timedelta = timedelta(minutes=30)
    urgent_acceptance: timedelta = timedelta(minutes=5)

    def due(self, kind: Kind, at: datetime, *, is_urgent: bool) -> datetime | None:
        """Return by when a matter of this kind, told at this moment, is answered or handled; what is urgent first."""
        within = self.by_kind.get(kind)
        if within is None:
            return None
        return at + (min(within, self.urgent) if is_urgent else within)

    def accept_by(self, at: datetime, *, is_urgent: bool) -> datetime:
        """Return by when a department says that it does what was sent to it."""
        return at + (self.urgent_acceptance if is_urgent else self.acceptance)
