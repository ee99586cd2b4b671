"""What can go wrong while one caller is led through the menu."""

from hotline.errors import HotlineError


class AgiError(HotlineError):
    """A command to the switch about one caller failed."""

    error_id = "agi-error"


class CallerGone(AgiError):
    """The caller hung up, or the switch took the call away; however it showed, it is this one error."""

    error_id = "caller-gone"

    def __init__(self) -> None:
        super().__init__("the caller is gone")


class AgiSilent(AgiError):
    """The switch did not answer a command in time; the session is over, the dialplan goes on by its lease."""

    error_id = "agi-silent"

    def __init__(self, command: str, within: float) -> None:
        super().__init__(f"the switch did not answer {command} within {within:g} s")
        self.command, self.within = command, within


class AgiRefused(AgiError):
    """The switch did not accept a command: unknown, wrongly put, or naming a prompt or application it does not have."""

    error_id = "agi-refused"

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"the switch refused {command}: {reason}")
        self.command, self.reason = command, reason


class UnsafeArgument(AgiError):
    """A word of a command would break out of it, or is too long; nothing was sent."""

    error_id = "agi-unsafe-argument"

    def __init__(self, command: str) -> None:
        super().__init__(f"a word of {command} holds a character that may not be sent, or is too long")
        self.command = command


class AgiPortTaken(AgiError):
    """The FastAGI port cannot be opened."""

    error_id = "agi-port-taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port} ({reason}): stop what uses it, or set agi.port to another")
        self.host, self.port = host, port
