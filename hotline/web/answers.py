"""Every error becomes an answer here, by one table; nothing else in this room knows a status from an error.

The API gets `{"error": {"id", "message", "details"}}`, a page gets a page in Chinese. Neither ever gets a stack trace.
"""

import traceback
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel

from hotline.errors import HotlineError
from hotline.web import errors
from hotline.web.landing import door
from hotline.web.render import error_page
from hotline.web.shapes import ErrorBody, ErrorOut

log = structlog.get_logger()

# By the stable id: a family not named here is our own fault, and a 500.
STATUS: Final[dict[str, int]] = {
    errors.BadRequest.error_id: 400,
    errors.NotSignedIn.error_id: 401,
    errors.RoleMayNot.error_id: 403,
    errors.ScopeMissing.error_id: 403,
    errors.PasswordMustChange.error_id: 403,
    "password-refused": 422,
    "phrase-file-refused": 422,
    "phrases-changed": 409,
    "hours-not-writable": 409,
    "hours-refused": 422,
    "menu-refused": 422,
    "menu-version-unknown": 404,
    "menus-changed": 409,
    "no-voice": 409,
    "own-recording-refused": 422,
    "prompt-text-changed": 409,
    "text-refused": 422,
    "voice-failed": 503,
    errors.OriginRefused.error_id: 403,
    errors.AddressUnknown.error_id: 404,
    errors.CallUnknown.error_id: 404,
    errors.RecordingNotThere.error_id: 404,
    errors.SheetNotThere.error_id: 404,
    errors.MethodNotOffered.error_id: 405,
    errors.RequestTooSlow.error_id: 408,
    errors.NothingToAcknowledge.error_id: 409,
    errors.BodyTooLarge.error_id: 413,
    errors.InputRefused.error_id: 422,
    errors.TooManySearches.error_id: 429,
    errors.TooManyViewers.error_id: 503,
    "account-refused": 422,
    "account-unknown": 404,
    "last-admin": 409,
    "skills-refused": 422,
    "sign-in-refused": 401,
    "token-refused": 401,
    "too-many-tries": 429,
    "entry-unknown": 404,
    "entry-confirmed": 409,
    "entry-is-draft": 409,
    "entry-corrected": 409,
    "matter-not-owed": 409,
    "dispatch-unknown": 404,
    "dispatch-step-refused": 409,
    "dispatch-doubled": 409,
    "department-unknown": 422,
    "follow-up-unknown": 404,
    "range-refused": 422,
    "follow-up-not-yours": 403,
    "follow-up-step-refused": 409,
    "incident-unknown": 404,
    "incident-open": 409,
    "incident-step-refused": 409,
    "building-unknown": 422,
    "building-notice-refused": 422,
    "building-notice-unknown": 404,
    "centre-not-heard": 502,
    "centre-unknown": 422,
    "call-not-yours": 403,
    "home-being-rung": 409,
    "home-not-to-be-called": 409,
    "handed-unknown": 409,
    "later-refused": 422,
    "no-line-free": 409,
    "no-way-out": 503,
    "notes-changed": 409,
    "number-marked": 409,
    "number-not-dialled": 422,
    "outside-call-living": 409,
    "outside-call-unknown": 404,
    "own-phone-missing": 409,
    "notes-too-long": 413,
    "wrap-up-incomplete": 422,
    "recording-hold-refused": 409,
    "recording-key-missing": 503,
    "handed-over-silently": 409,
    "items-unread": 409,
    "no-aftercare": 422,
    "aftercare-share-changed": 409,
    "aftercare-share-refused": 422,
    "outreach-refused": 422,
    "service-days-refused": 422,
    "review-day-wrong": 422,
    "review-signed": 409,
    "review-too-early": 409,
    "quality-calibration-refused": 422,
    "quality-call-refused": 422,
    "quality-plan-refused": 422,
    "quality-points-refused": 422,
    "quality-review-changed": 409,
    "quality-review-incomplete": 409,
    "quality-review-not-yours": 403,
    "quality-review-step-refused": 409,
    "quality-review-taken": 409,
    "quality-review-unknown": 404,
    "quality-sheet-changed": 409,
    "quality-sheet-refused": 422,
    "same-person": 409,
    "shift-not-yours": 403,
    "shift-step-refused": 409,
    "sound-unknown": 422,
    "attempt-not-placed": 422,
    "attempt-not-unknown": 409,
    "line-doubted": 409,
    "dial-pause-unknown": 404,
    "campaign-empty": 422,
    "campaign-list-doubled": 409,
    "campaign-needs-another": 403,
    "campaign-nobody": 422,
    "campaign-step-refused": 409,
    "campaign-unknown": 404,
    "campaign-words-refused": 422,
    "household-mark-refused": 422,
    "household-mark-unknown": 404,
    "number-mark-refused": 422,
    "number-mark-unknown": 404,
    "turn-refused": 422,
    "turn-unknown": 404,
    "retention-changed": 409,
    "retention-not-sure": 409,
    "retention-refused": 422,
    "roster-refused": 422,
    "file-refused": 422,
    "pop-not-yours": 403,
    "import-error": 409,
    "import-changed": 409,
    "import-has-bad-rows": 409,
    "import-step-refused": 409,
    "import-unknown": 404,
    "receiver-unknown": 404,
    "too-many-imports": 429,
    "webhook-error": 409,
    "webhook-message-unknown": 404,
    "webhook-message-waits": 409,
    "alert-error": 409,
    "alert-step-refused": 409,
    "alert-unknown": 404,
    "agent-unknown": 404,
    "agent-step-refused": 409,
    "pause-reason-unknown": 422,
    "not-in-this-call": 409,
    "agent-not-talking": 409,
    "caller-not-waiting": 409,
    "help-living": 409,
    "resident-would-not-hear": 409,
    "help-not-made": 503,
    "help-step-refused": 409,
    "help-unknown": 404,
    "live-help-error": 409,
    "place-unknown": 422,
    "home-unknown": 404,
    "note-unknown": 404,
    "resident-refused": 422,
    "resident-doubled": 409,
}
ALWAYS_JSON: Final = ("/api/", "/healthz", "/readyz", "/metrics")


def status_of(wrong: HotlineError) -> int:
    """Return the HTTP status of an error: its own, else its nearest family's, else 500."""
    for family in type(wrong).__mro__:
        status = STATUS.get(getattr(family, "error_id", ""))
        if status is not None:
            return status
    return 500


@web.middleware
async def answer_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn whatever goes wrong behind this point into an answer."""
    try:
        response: web.StreamResponse = await handler(request)
    except HotlineError as wrong:
        return answer(request, wrong)
    except web.HTTPException as wrong:
        if wrong.status < 400:
            raise
        return answer(request, _foreseen(wrong, request))
    except web.RequestPayloadError:
        return answer(request, errors.BadRequest("the body cannot be read as its headers say"))
    except TimeoutError:
        return answer(request, errors.RequestTooSlow("the request did not arrive, or could not be served, in time"))
    except ConnectionError:
        raise  # the browser went away; there is nobody to answer
    except Exception as wrong:  # noqa: BLE001  # the edge: nothing may pass it as a stack trace
        _log_unforeseen(request, wrong)
        return answer(request, errors.Unforeseen("something failed; the log has where"))
    return response


def answer(request: web.Request, wrong: HotlineError) -> web.Response:
    """Return the answer for an error: a page for pages, JSON for everything else."""
    status = status_of(wrong)
    if status >= 500:
        log.error("request cannot be served", error_id=wrong.error_id, address=route_of(request))
    if request.path.startswith(ALWAYS_JSON) or request.method != "GET":
        return as_json(
            ErrorOut(error=ErrorBody(id=wrong.error_id, message=str(wrong), details=_details(wrong))), status=status
        )
    if status == 401:
        return web.Response(status=303, headers={"Location": door(str(request.rel_url))})
    if isinstance(wrong, errors.PasswordMustChange):
        return web.Response(status=303, headers={"Location": "/set-password"})
    return error_page(request, wrong.error_id, status)


def as_json(shape: BaseModel, *, status: int = 200) -> web.Response:
    """Return a shape as a JSON answer."""
    return web.Response(text=shape.model_dump_json(by_alias=True), status=status, content_type="application/json")


def route_of(request: web.Request) -> str:
    """Return the address's pattern, which holds no person's number: /api/v1/calls/{id}."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


def _details(wrong: HotlineError) -> dict[str, Any]:
    details = getattr(wrong, "details", {})
    return details if isinstance(details, dict) else {}


def _foreseen(wrong: web.HTTPException, request: web.Request) -> HotlineError:
    if wrong.status == 404:
        return errors.AddressUnknown("there is nothing at this address")
    if isinstance(wrong, web.HTTPMethodNotAllowed):
        return errors.MethodNotOffered(f"{request.method} is not offered here", allowed=sorted(wrong.allowed_methods))
    if isinstance(wrong, web.HTTPRequestEntityTooLarge):
        return errors.BodyTooLarge("the request's body is too long")
    return errors.BadRequest("the request makes no sense")


def _log_unforeseen(request: web.Request, wrong: Exception) -> None:
    # Where, not what: the text of a database error may hold a person's name or number.
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(wrong.__traceback__)]
    log.error("request failed", kind=type(wrong).__name__, address=route_of(request), where=frames[-8:])
