"""What the entry says of a campaign's call: what the resident told us by key or in words. Pure.

Where nobody of ours spoke and nothing was said, there is nothing to write down: the campaign's own list has the call.
"""

from dataclasses import replace
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.dutylog.draft import UNANSWERED, Draft
from hotline.dutylog.draft_fields import Certainty, DraftField, Origin
from hotline.dutylog.entry import Kind

BY_KEY: Final[dict[str, tuple[Kind, str]]] = {
    "KEY 4": (Kind.COMPLAINT, "去电：业主对物业费账单有异议（按键）。"),
    "SURVEY satisfied:2": (Kind.COMPLAINT, "回访：对处理结果不满意（按键）。"),
    "SURVEY charges:2": (Kind.COMPLAINT, "回访：反映有乱收费（按键）。"),
    "KEY 3": (Kind.ENQUIRY, "去电：业主称已经缴费（按键）。"),
    "WRONG_PERSON": (Kind.ENQUIRY, "去电：接听者称不是该户（按键）。"),
    "KEY 8": (Kind.ENQUIRY, "去电：业主希望改时间再联系（按键）。"),
    "KEY 0": (Kind.UNKNOWN, "去电：业主要求人工接听（按键）。"),
}


def campaign_draft(draft: Draft, call: CallRecord) -> Draft | None:
    """Return the draft of a campaign's call, or None where nothing was said that belongs into the log."""
    pressed = [BY_KEY[step] for step in dict.fromkeys(call.talk_steps) if step in BY_KEY]
    if not pressed and call.human_answer is None and call.message_at is None:
        return None
    words = [line for line in draft.matter.splitlines() if line != UNANSWERED]
    kinds = [kind for kind, _ in pressed]
    kind = Kind.COMPLAINT if Kind.COMPLAINT in kinds else draft.kind
    if kind is Kind.UNKNOWN:
        kind = next((one for one in kinds if one is not Kind.UNKNOWN), kind)
    fields = draft.fields
    if kind is not draft.kind:
        fields = tuple(
            replace(one, value=kind.value, origin=Origin.MENU, certainty=Certainty.LIKELY)
            if one.field is DraftField.KIND
            else one
            for one in fields
        )
    return replace(draft, kind=kind, matter="\n".join([*(text for _, text in pressed), *words]), fields=fields)
