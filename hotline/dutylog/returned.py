"""What the entry of a call of ours says: a resident was called back, and whether that reached them. Pure."""

from dataclasses import replace
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.dutylog.draft import UNANSWERED, Draft
from hotline.dutylog.draft_fields import Certainty, DraftField
from hotline.dutylog.entry import Kind

REACHED: Final = "回电：已接通。"
NOT_REACHED: Final = "回电：未接通。"
BY_OURSELVES: Final = "去电"  # a call that returns none
BECAUSE: Final = {
    Outcome.BUSY: "占线",
    Outcome.NO_ANSWER: "无人接听",
    Outcome.REFUSED: "对方挂断",
    Outcome.INVALID_NUMBER: "空号",
    Outcome.SWITCHED_OFF: "关机或停机",
    Outcome.CONGESTION: "网络繁忙",
}


def returned_draft(draft: Draft, call: CallRecord, kind: Kind) -> Draft:
    """Return the draft of a call that we made; `kind` is that of the call which it returns."""
    said = "\n".join(line for line in draft.matter.splitlines() if line != UNANSWERED)
    first = NOT_REACHED if call.human_answer is None else REACHED
    if because := BECAUSE.get(call.outcome) if call.outcome else None:
        first = f"{first[:-1]}（{because}）。"
    if not call.returns:
        first = BY_OURSELVES + first.removeprefix("回电")
    fields = draft.fields
    if draft.kind is Kind.UNKNOWN and kind is not Kind.UNKNOWN:  # what the call was about that this one returns
        fields = tuple(
            replace(one, value=kind.value, certainty=Certainty.LIKELY) if one.field is DraftField.KIND else one
            for one in fields
        )
    return replace(
        draft,
        kind=kind if draft.kind is Kind.UNKNOWN else draft.kind,
        matter=f"{first}\n{said}" if said else first,
        fields=fields,
    )
