"""The supervisor's acts, as pages ask for them."""

from dataclasses import dataclass

from hotline.livehelp.by_hand import ByHand
from hotline.livehelp.moving import Moving
from hotline.livehelp.service import LiveHelp


@dataclass(frozen=True, slots=True)
class HelpRoom:
    """At agents' sides; callers who wait; the night plan and the queues."""

    sides: LiveHelp
    moving: Moving
    by_hand: ByHand
