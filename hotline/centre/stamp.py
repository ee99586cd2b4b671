"""The stamp of a database: the one centre to which each of its rows belongs. Pure.

`[centre]` in the settings says which centre a service is; the stamp says which centre the rows are. A service begins
only where both say the same code, so that one estate's rows are never served, counted or exported as another's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from hotline.errors import HotlineError


class CentreError(HotlineError):
    """Something is wrong with the centre to which a database belongs."""

    error_id: ClassVar[str] = "centre-error"


class CentreDiffers(CentreError):
    """The rows of this database are another centre's than the settings say; nothing was begun."""

    error_id = "centre-differs"


class CentreStepRefused(CentreError):
    """The stamp is not changed as asked: says what it is, and what would do."""

    error_id = "centre-step-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Whose rows a database holds. `id` was made at random: a copy of the database has the same, nothing else has."""

    code: str
    id: str
    name: str
    at: datetime


def check(stamp: Stamp | None, code: str) -> None:
    """Raise CentreDiffers where rows of this stamp may not be served as this centre's. Without a stamp they may."""
    if stamp is not None and stamp.code != code:
        raise CentreDiffers(
            f"this database holds the rows of centre {stamp.code} ({stamp.name}, since {stamp.at:%Y-%m-%d}), and"
            f' [centre] code says "{code}". Nothing was started. If the setting is wrong, set code = "{stamp.code}"'
            " (or HOTLINE_CENTRE_CODE); if this is the wrong database, mend HOTLINE_HOME or database.url. If the same"
            f" centre was given another code: python -m hotline centre rename {stamp.code}. If this is a copy that"
            f" becomes another centre: python -m hotline centre adopt {stamp.code}"
        )


def renamed(stamp: Stamp | None, said: str, code: str) -> Stamp:
    """Return the same centre under another code. `said` is the code it has now, typed. Raises CentreStepRefused."""
    known = _said(stamp, said)
    if known.code == code:
        raise CentreStepRefused(f'it is centre {code} already: first set [centre] code = "…" to the code it gets')
    return Stamp(code=code, id=known.id, name=known.name, at=known.at)


def adopted(stamp: Stamp | None, said: str, code: str, *, new_id: str, now: datetime) -> Stamp:
    """Return a copy's stamp as a centre of its own. `said` is the code it has now, typed. Raises CentreStepRefused."""
    known = _said(stamp, said)
    return Stamp(code=code, id=new_id, name=known.name, at=now)


def _said(stamp: Stamp | None, said: str) -> Stamp:
    if stamp is None:
        raise CentreStepRefused("this database has no stamp yet: it gets one at python -m hotline migrate")
    if stamp.code != said:
        raise CentreStepRefused(f"this database is stamped as centre {stamp.code} ({stamp.name}), not {said[:8]}")
    return stamp
