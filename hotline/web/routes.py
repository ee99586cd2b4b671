"""What an address is: how it is asked, who may ask, what goes in and comes out. One table says it for every address.

An address without a row cannot be reached; a role that is not named may not use it. OpenAPI comes from the same rows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from hotline.accounts.account import Role

Act = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address. `roles` empty is everyone, signed in or not; `status` is what a good answer has.

    `file` is the media type of a body that is a file.
    """

    method: str
    path: str
    act: Act
    roles: frozenset[Role]
    summary: str
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    file: str = ""
    answer: type[BaseModel] | None = None
    status: int = 200
    media: str = "application/json"
