"""People of the demo centre by their building."""

from collections import Counter
from datetime import UTC, datetime

from hotline.residents.demo_centre import demo_centre


def neighbours(building: int, *, homes: int) -> list[str]:
    """Return a number of each of so many homes of one building, of people with no other home and nothing open."""
    centre = demo_centre(datetime.now(UTC))
    owners = Counter(number for household in centre for person in household.people for number in person.numbers)
    found = [
        household.people[0].numbers[0].national
        for household in centre
        if household.home.building == building and not household.matters and household.people
        and household.people[0].numbers and owners[household.people[0].numbers[0]] == 1
        and all(person.language == "zh" for person in household.people)
    ]  # fmt: skip
    assert len(found) >= homes
    return found[:homes]
