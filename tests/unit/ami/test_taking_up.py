"""Which resident a reloaded page's talk belongs to, from the switch's list of channels."""

from hotline.ami.events import ChannelListed
from hotline.ami.taking_up import resident_of


def channel(name: str, number: int, *, bridge: str = "", context: str = "", extension: str = "") -> ChannelListed:
    return ChannelListed(
        channel=name,
        uniqueid=f"hotline-100.{number}",
        linkedid="hotline-100.0",
        state=6,
        caller_number="",
        caller_name="",
        context=context,
        extension=extension,
        application="",
        bridge=bridge,
    )


RESIDENT = channel("PJSIP/carrier-00000000", 0, bridge="talk")
PHONE = channel("PJSIP/8001-00000001", 1, bridge="talk")


def test_resident_is_who_is_bridged_with_the_phone():
    assert resident_of("8001", [RESIDENT, PHONE]) == RESIDENT


def test_resident_who_was_set_aside_already_is_found_by_the_place():
    aside = channel("PJSIP/carrier-00000000", 0, context="page-left", extension="8001")

    assert resident_of("8001", [aside]) == aside
    assert resident_of("8002", [aside]) is None


def test_resident_who_was_taken_up_and_handed_over_since_belongs_to_whom_they_speak_with():
    handed = channel("PJSIP/carrier-00000007", 7, bridge="other", context="take-up", extension="8001")
    colleague = channel("PJSIP/8002-00000008", 8, bridge="other")

    assert resident_of("8001", [handed, colleague, RESIDENT, PHONE]) == RESIDENT
    assert resident_of("8001", [handed, colleague]) is None
    assert resident_of("8002", [handed, colleague]) == handed


def test_phone_that_only_rings_has_no_talk():
    assert resident_of("8001", [RESIDENT, channel("PJSIP/8001-00000001", 1)]) is None


def test_talk_with_a_colleague_is_not_taken_up():
    colleague = channel("PJSIP/8002-00000002", 2, bridge="talk")

    assert resident_of("8001", [PHONE, colleague]) is None


def test_talk_of_three_goes_on_without_the_page():
    third = channel("PJSIP/8002-00000002", 2, bridge="talk")

    assert resident_of("8001", [RESIDENT, PHONE, third]) is None


def test_resident_of_a_phone_that_asks_a_colleague_is_whose_call_it_is():
    waits = channel("PJSIP/carrier-00000000", 0, bridge="waiting")
    asked = channel("Local/8002@transfer-00000001;1", 3, bridge="asking")
    asks = channel("PJSIP/8001-00000001", 1, bridge="asking")

    assert resident_of("8001", [waits, asks, asked]) == waits


def test_resident_who_was_called_back_for_a_kept_place_is_led_by_the_end_that_the_agent_speaks_with():
    agents_end = channel("Local/keep@kept-place-00000001;2", 1, bridge="talk")
    residents_end = channel("Local/keep@kept-place-00000001;1", 0, bridge="outside")
    called = channel("PJSIP/outside-00000003", 3, bridge="outside")

    # Led aside itself, the other end would let go of the resident, whom it has dialled.
    assert resident_of("8001", [residents_end, agents_end, PHONE, called]) == agents_end


def test_other_phone_whose_extension_begins_alike_is_not_taken_for_it():
    assert resident_of("800", [RESIDENT, PHONE]) is None


def test_resident_of_a_phone_that_asks_a_colleague_on_a_second_line_is_found_whichever_is_listed_first():
    second = channel("PJSIP/8001-00000005", 5, bridge="asking")
    colleague = channel("PJSIP/8002-00000006", 6, bridge="asking")

    assert resident_of("8001", [second, colleague, PHONE, RESIDENT]) == RESIDENT
    assert resident_of("8001", [RESIDENT, PHONE, colleague, second]) == RESIDENT
