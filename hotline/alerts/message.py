"""What is said of an alert on its ways out: a JSON body that is signed, and a letter in Chinese. Pure.

Nothing of a resident is in it. Agents are named by their extension.
"""

import json
from datetime import tzinfo
from typing import Final

from hotline.alerts.alert import Alert, Delivery, Rule

_MEANING: Final[dict[Rule, str]] = {
    Rule.WAIT: "来电等待过久，尚无人接听",
    Rule.THREE_RINGS: "近半小时三声内接起率过低",
    Rule.NOBODY_READY: "没有空闲坐席",
    Rule.NO_ANSWER: "坐席连续振铃未接",
    Rule.DISK: "磁盘空间不足",
    Rule.LINK: "与总机失去联系",
    Rule.BACKLOG: "待转写录音过多",
    Rule.FULL_HOUSE: "线路已满，有来电者未能接入",
    Rule.DIALLING: "外呼线路存疑，已自动暂停拨号",
}
_FIGURE: Final[dict[Rule, str]] = {
    Rule.WAIT: "等待 {n:.0f} 秒",
    Rule.THREE_RINGS: "接起率 {n:.1%}",
    Rule.NOBODY_READY: "已登录坐席 {n:.0f} 人",
    Rule.DISK: "剩余 {n:.0f} MB",
    Rule.LINK: "已中断 {n:.0f} 秒",
    Rule.BACKLOG: "待转写 {n:.0f} 段",
    Rule.FULL_HOUSE: "近十分钟 {n:.0f} 位",
    Rule.DIALLING: "连续 {n:.0f} 通被拒，请查中继与账户后在外呼页面处理",
}


def body_of(delivery: Delivery, centre: str, zone: tzinfo) -> bytes:
    """Return what a webhook is sent. `id` is the same at every try: a receiver may get a message twice."""
    alert = delivery.alert
    said = {
        "id": f"alert-{alert.id}-{delivery.what}",
        "event": f"alert.{delivery.what}",
        "centre": centre,
        "alert": {
            "id": alert.id,
            "rule": alert.rule.value,
            "subject": alert.subject,
            "value": alert.value,
            "text": text_of(alert),
            "raised_at": alert.raised_at.astimezone(zone).isoformat(),
            # Of a message that is sent late: what it was about then, not what became of it meanwhile.
            "ended_at": alert.ended_at.astimezone(zone).isoformat()
            if delivery.what == "ended" and alert.ended_at
            else None,
        },
    }
    return json.dumps(said, ensure_ascii=False).encode()


def text_of(alert: Alert) -> str:
    """Return one sentence: what is wrong, whose, and the figure when it was raised."""
    whose = "外呼任务" if alert.rule is Rule.DIALLING else "坐席"
    about = f"（{whose} {alert.subject}）" if alert.subject else ""
    figure = _FIGURE.get(alert.rule, "").format(n=alert.value)
    return f"{_MEANING[alert.rule]}{about}{'：' if figure else ''}{figure}"


def letter_of(delivery: Delivery, centre: str, zone: tzinfo) -> tuple[str, str]:
    """Return the subject and the text of a letter."""
    alert, is_over = delivery.alert, delivery.what == "ended"
    lines = [text_of(alert), f"开始：{alert.raised_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"]
    if alert.acknowledged_name:
        lines.append(f"已知悉：{alert.acknowledged_name}")
    if is_over and alert.ended_at:
        lines.append(f"结束：{alert.ended_at.astimezone(zone):%Y-%m-%d %H:%M:%S}")
    return f"[{centre}] {'告警结束' if is_over else '告警'}：{_MEANING[alert.rule]}", "\n".join(lines) + "\n"
