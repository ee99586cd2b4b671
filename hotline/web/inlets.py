"""What comes in with a request, checked by pydantic; a wrong value is refused by name, and never repeated back."""

import json
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from hotline.web.errors import BadRequest, CallUnknown, InputRefused
from hotline.web.shapes import LARGEST_NUMBER

Model = TypeVar("Model", bound=BaseModel)
LONGEST_ID: Final = 80
LONGEST_NUMBER: Final = len(str(LARGEST_NUMBER))


def query_of(request: web.Request, model: type[Model]) -> Model:
    """Return the checked query. Raises InputRefused; an empty value counts as none."""
    return _checked(model, {name: value for name, value in request.query.items() if value})


async def body_of(request: web.Request, model: type[Model]) -> Model:
    """Return the checked JSON body. Raises BadRequest where it is no JSON object, InputRefused for a wrong field."""
    try:
        values = json.loads(await request.text())
    except (ValueError, RecursionError, LookupError):  # LookupError: a charset that does not exist
        values = None
    if not isinstance(values, dict):
        raise BadRequest("the body must be a JSON object")
    return _checked(model, values)


async def form_of(request: web.Request) -> dict[str, str]:
    """Return a sent form's fields. Raises BadRequest where it is none; files are not taken."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadRequest("the body must be a form")
    try:
        return {name: str(value) for name, value in (await request.post()).items()}
    except (ValueError, LookupError):
        raise BadRequest("the form cannot be read") from None


def id_of(request: web.Request) -> str:
    """Return the call's id in the address. Raises CallUnknown where no call can have it (PostgreSQL holds no NUL)."""
    written = request.match_info["id"]
    if len(written) > LONGEST_ID or not written.isprintable():
        raise CallUnknown("the ledger has no call of this id")
    return written


def number_of_path(request: web.Request, name: str = "id") -> int:
    """Return the row number in the address; 0 where no row can have it. However much is written, nothing is raised."""
    written = request.match_info[name]
    number = int(written) if written.isascii() and written.isdecimal() and len(written) <= LONGEST_NUMBER else 0
    return number if number <= LARGEST_NUMBER else 0


def _checked(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as wrong:
        fields = {
            ".".join(map(str, error["loc"])) or "body": error["msg"] for error in wrong.errors(include_input=False)
        }
        raise InputRefused("some values are missing or wrong", fields=fields) from None
