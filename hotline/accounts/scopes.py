"""What a token may reach: scopes like `calls:read` and `duty-log:write`, decided by method and address. Pure.

The one place that says it. A token with scopes may do what they name and its role may, nothing else; one without keeps
its role's rights. An address of no area is open to no scope.
"""

from collections.abc import Collection, Iterable
from typing import Final

READS: Final = frozenset({"GET", "HEAD"})
API: Final = "/api/v1/"
ANY_SCOPE: Final = frozenset({"/api/v1/me", "/api/v1/openapi.json"})
AREAS: Final[dict[str, tuple[str, ...]]] = {
    "agents": ("agents", "help", "phone", "live-help", "queues", "by-hand"),
    "alerts": ("alerts",),
    "audit": ("audit",),
    "calls": ("calls", "search", "outside-calls", "notices", "building-notices", "phrases", "incidents", "handed"),
    "campaigns": ("campaigns", "household-marks", "number-marks", "undecided-attempts", "dial-pauses"),
    "centres": ("centres", "group"),
    "duty-log": ("duty-log", "dispatches", "shifts", "reviews"),
    "follow-ups": ("follow-ups", "my-list", "aftercare"),
    "live": ("live", "wall"),
    "menus": ("menus", "prompts", "hours"),
    "quality": ("quality",),
    "recordings": ("calls/{id}/recording", "calls/{id}/heard", "transcripts"),
    "reports": ("reports",),
    "residents": ("residents", "homes", "imports"),
    "roster": ("roster",),
    "settings": ("retention", "settings"),
    "staff": ("staff", "tokens", "people"),
    "webhooks": ("webhooks", "deliveries"),
}
"""Each area with the beginnings of its addresses below `/api/v1/`; the longest beginning decides."""
METRICS: Final = "/metrics"
SCOPES: Final = (*(f"{area}:{act}" for area in AREAS for act in ("read", "write")), "metrics:read")
_BEGINNINGS: Final = sorted(
    ((beginning, area) for area, beginnings in AREAS.items() for beginning in beginnings), key=lambda one: -len(one[0])
)


def scope_of(method: str, path: str) -> str:
    """Return the scope that this address (its pattern) asks for; "" where no scope opens it."""
    if path == METRICS:
        return "metrics:read"
    below = path.removeprefix(API)
    if below == path:
        return ""
    act = "read" if method in READS else "write"
    for beginning, area in _BEGINNINGS:
        if below == beginning or below.startswith((f"{beginning}/", f"{beginning}.")):
            return f"{area}:{act}"
    return ""


def may_reach(scopes: Collection[str], method: str, path: str) -> bool:
    """Say whether a token with these scopes may ask this address; without any its role alone decides."""
    return not scopes or path in ANY_SCOPE or scope_of(method, path) in scopes


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return those that there are not."""
    return sorted(set(scopes) - set(SCOPES))
