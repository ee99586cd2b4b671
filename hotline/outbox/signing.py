"""By what a receiver knows that a message is ours, and new. Pure."""

import hashlib
import hmac
from typing import Final

SIGNATURE: Final = "X-Hotline-Signature"


def signature(body: bytes, secret: str, at: int) -> str:
    """Return the header that proves a body: `t=<second of sending>,v1=<HMAC-SHA256 of "t.body" in hex>`."""
    proof = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={proof}"
