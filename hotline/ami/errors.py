"""What can go wrong between us and the switch's manager interface."""

from hotline.errors import HotlineError


class AmiError(HotlineError):
    """An action could not be carried out."""

    error_id = "ami-error"


class AmiDown(AmiError):
    """There is no link to the switch, or it broke before the answer came.

    `was_sent` tells whether the switch may have carried the action out all the same. We never send it again.
    """

    error_id = "ami-down"

    def __init__(self, *, was_sent: bool = False) -> None:
        super().__init__("the link to the switch broke before it answered" if was_sent else "no link to the switch")
        self.was_sent = was_sent


class AmiSilent(AmiError):
    """The switch did not answer in time; it may or may not have carried the action out."""

    error_id = "ami-silent"

    def __init__(self, action: str, within: float) -> None:
        super().__init__(f"the switch did not answer {action} within {within:g} s")
        self.action, self.within = action, within


class AmiRefused(AmiError):
    """The switch answered with an error; `message` is in its own words."""

    error_id = "ami-refused"

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"the switch refused {action}: {message}")
        self.action, self.message = action, message


class UnsafeHeader(AmiError):
    """A value would break out of its header (line break, NUL, or a sign that separates variables); nothing was sent."""

    error_id = "ami-unsafe-header"

    def __init__(self, action: str, header: str) -> None:
        super().__init__(f"the value of {header} in {action} holds a character that may not be sent")
        self.action, self.header = action, header
