"""What a real switch said over AMI in a call story (tests/recorded_ami), read as the listener reads it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hotline.agents.legs import LegNews, LegSeen
from hotline.ami.events import ChannelListed, read_event
from hotline.ami.leg_news import leg_listed, leg_news

RECORDED_AMI: Final = Path(__file__).parent.parent / "recorded_ami"
STORIES: Final = sorted(path.stem for path in RECORDED_AMI.glob("*.jsonl"))


def told(story: str) -> Iterator[LegNews | list[LegSeen]]:
    """Yield the story's news of channels in order, and the switch's own list wherever it was asked for."""
    for line in (RECORDED_AMI / f"{story}.jsonl").read_text("utf-8").splitlines():
        block = json.loads(line)
        if "event" in block:
            if (news := leg_news(read_event(block["event"]))) is not None:
                yield news
        else:
            events = [read_event(each) for each in block["listed"]]
            yield [leg for event in events if isinstance(event, ChannelListed) and (leg := leg_listed(event))]
