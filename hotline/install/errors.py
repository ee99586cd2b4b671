"""What can go wrong while a machine is set up. Each message names what to do."""

from hotline.errors import HotlineError


class SetUpFailed(HotlineError):
    """A step of set-up cannot be done on this machine as it is."""

    error_id = "set-up-failed"


class PortBusy(SetUpFailed):
    """A port we are set to listen on is taken."""

    error_id = "port-busy"


class ConfigurationRefused(SetUpFailed):
    """A value would break out of its line in a generated configuration file."""

    error_id = "configuration-refused"
