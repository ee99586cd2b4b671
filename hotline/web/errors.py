"""What can be wrong with a request, in this room's own words; `answers.STATUS` gives each its HTTP status."""

from typing import Any, ClassVar

from hotline.errors import HotlineError


class WebError(HotlineError):
    """A request cannot be served. `details` are facts for the caller; never a person's number, name or words."""

    error_id: ClassVar[str] = "web-error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class AddressUnknown(WebError):
    """There is nothing at this address."""

    error_id = "address-unknown"


class MethodNotOffered(WebError):
    """The address exists, but not for this method."""

    error_id = "method-not-offered"


class BadRequest(WebError):
    """The request makes no sense as HTTP or as JSON."""

    error_id = "bad-request"


class BodyTooLarge(WebError):
    """The request's body is longer than this service reads."""

    error_id = "body-too-large"


class RequestTooSlow(WebError):
    """The request did not arrive whole within the time allowed."""

    error_id = "request-too-slow"


class InputRefused(WebError):
    """A field or a query value is missing or wrong; the details name each."""

    error_id = "input-refused"


class NotSignedIn(WebError):
    """No valid session and no token: sign in first."""

    error_id = "not-signed-in"


class RoleMayNot(WebError):
    """This role may not use this address."""

    error_id = "role-may-not"


class ScopeMissing(WebError):
    """The token has scopes, and none of them names this address; the details say which would."""

    error_id = "scope-missing"


class PasswordMustChange(WebError):
    """The account's password was made up by somebody else: a person sets their own first, at /set-password."""

    error_id = "password-must-change"


class OriginRefused(WebError):
    """The request came from another site's page, or did not say from which."""

    error_id = "origin-refused"


class CallUnknown(WebError):
    """The ledger has no call of this id."""

    error_id = "call-unknown"


class NothingToAcknowledge(WebError):
    """The call is no emergency, or it goes on, or a human answered it: nobody need take note of it."""

    error_id = "nothing-to-acknowledge"


class SheetNotThere(WebError):
    """There is no such shift, or its hand-over is not signed yet."""

    error_id = "sheet-not-there"


class RecordingNotThere(WebError):
    """The call has no such recording, or its file is gone."""

    error_id = "recording-not-there"


class TooManyViewers(WebError):
    """As many live sockets are open as this service serves; close another window and try again."""

    error_id = "too-many-viewers"


class TooManySearches(WebError):
    """Too many numbers were looked for with this account within a minute; the details say how long to wait."""

    error_id = "too-many-searches"


class PortBusy(WebError):
    """Another program listens on the web service's port."""

    error_id = "web-port-busy"


class Unforeseen(WebError):
    """Something failed that we did not foresee; the log has where."""

    error_id = "unforeseen"
