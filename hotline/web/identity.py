"""Who asks, and what that lets them see. Pure."""

from dataclasses import dataclass
from typing import Final

from hotline.accounts.account import Role

ADMINS: Final = frozenset({Role.ADMIN})
HEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})
STAFF: Final = HEADS | {Role.AGENT}
WALL_VIEWERS: Final = HEADS | {Role.WALL}
ANYBODY: Final = frozenset(Role)  # whoever is signed in, a big screen too
EVERYONE: Final[frozenset[Role]] = frozenset()  # an address that needs no sign-in says so with this name


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A signed-in person, or a machine with a token."""

    name: str
    role: Role
    display_name: str = ""
    extension: str = ""
    language: str = ""  # of the pages; empty: not chosen
    is_machine: bool = False
    scopes: frozenset[str] = frozenset()  # of a token; none: its role's rights (hotline/accounts/scopes.py)
    must_change: bool = False  # the password was made up by somebody else: only its change is open

    @property
    def sees_numbers(self) -> bool:
        """Whether numbers are given whole: only to machines of a supervisor's or administrator's rank.

        A person sees them masked and reveals one at a time, which is logged.
        """
        return self.is_machine and self.role in HEADS
