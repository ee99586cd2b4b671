"""Where somebody comes out after signing in: the page they asked for, if it is ours, else their role's own. Pure."""

import re
from typing import Final
from urllib.parse import quote

from hotline.accounts.account import Role

LONGEST: Final = 500
# A path of ours as a browser writes it. No second slash, no backslash (browsers take one for a slash), nothing that
# is not plain ASCII: what comes in with an address must never lead to another site.
_OWN: Final = re.compile(r"/(?![/\\])[A-Za-z0-9._~%!$'()*+,;=:@/?&-]*")
_NO_PAGE: Final = re.compile(r"/(?:api|static|sign-in|sign-out|set-password|healthz|readyz|metrics)(?![A-Za-z0-9_-])")


def landing(role: Role) -> str:
    """Return the page on which a role does its work: an agent's own desk, for heads the view of all, the wall."""
    return {Role.AGENT: "/agent", Role.WALL: "/wall"}.get(role, "/")


def own_path(asked: str) -> str:
    """Return the asked address if it is a page of ours, else ""."""
    if len(asked) > LONGEST or not _OWN.fullmatch(asked) or _NO_PAGE.match(asked):
        return ""
    # "/x/..//other.site" is still a path, but nobody of ours writes it.
    return "" if "//" in asked.partition("?")[0] or "/.." in asked else asked


def door(asked: str) -> str:
    """Return the address of the sign-in form that leads back to the asked page; the root is nobody's wish."""
    path = own_path(asked)
    return f"/sign-in?next={quote(path, safe='/')}" if path not in {"", "/"} else "/sign-in"
