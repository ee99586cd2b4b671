"""Telephone numbers as the desk meets them: one form for comparing, one for screens, one that may be logged.

A number arrives as the carrier, a caller or a file of residents wrote it. `parse` reads it once, at the door; beyond
it there is a PhoneNumber or None. Rules of numbering come from the `phonenumbers` library, region China.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

import phonenumbers

LONGEST: Final = 40  # characters; nobody writes a number longer than that, and a 64 KiB one costs nothing to refuse
WRITTEN: Final = re.compile(r"\+?[0-9 ().\-‐‑–—]+")
SEPARATORS: Final = re.compile(r"[ ().\-‐‑–—]")
KEPT_FORM: Final = re.compile(r"\+[0-9]{5,15}|[0-9]{3,6}")
INTERNAL: Final = re.compile(r"[0-9]{3,6}")
LOCAL: Final = re.compile(r"[2-8][0-9]{6,7}")
SHORT_AREA_CODES: Final = ("010", "02")
CHINESE_MOBILE: Final = re.compile(r"\+861[3-9][0-9]{9}")
# What rings somebody: a mobile of a range given to people, or an area code and a local number. 160, 161, 168, 169 and
# what begins with 0, 1 or 9 behind an area code are paid lines and services.
MOBILE_LINE: Final = re.compile(r"1[345789][0-9]{9}|16[2567][0-9]{8}")
LANDLINE: Final = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
# What a saver of long-distance charges dials first (12593, 17951, 17911 …); some exchanges show it before the number.
CARRIER_PREFIX: Final = re.compile(
    r"(?:12593|125831?|1790[01789]|1791[01]|179[35][01]|17969|1799[01]|10193|11808)(?=1[3-9][0-9]{9}$|0[1-9][0-9]{8,10}$)"
)


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A number in E.164 (+8613800138501), or an internal extension or service number of 3 to 6 digits as it is.

    `str()` and `repr()` give the masked form, so that a number never enters a log by accident.
    Raises ValueError (without the number) when `e164` has neither form; numbers from outside go through `parse`.
    """

    e164: str

    def __post_init__(self) -> None:
        if not KEPT_FORM.fullmatch(self.e164):
            raise ValueError("not a telephone number in E.164 nor an extension")

    @classmethod
    def parse(cls, text: str | None, *, area_code: str = "") -> Self | None:
        """Return the number that this text means, or None: withheld, anonymous, unknown, or no number at all.

        A local number of 7 or 8 digits is read within `area_code` ("0755"), and without one means nothing.
        Never raises; its time does not grow with the text.
        """
        if not text or len(text) > LONGEST:
            return None
        written = unicodedata.normalize("NFKC", text).strip(" ")
        if not WRITTEN.fullmatch(written):
            return None
        digits = CARRIER_PREFIX.sub("", SEPARATORS.sub("", written), count=1)
        if INTERNAL.fullmatch(digits):
            return cls(digits)
        if LOCAL.fullmatch(digits):
            digits = f"0{area_code.lstrip('0')}{digits}" if area_code else ""
        return cls._read(digits)

    @classmethod
    def _read(cls, digits: str) -> Self | None:
        try:
            read = phonenumbers.parse(digits, "CN")
        except phonenumbers.NumberParseException:
            return None
        e164 = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
        # The library's tables trail behind new mobile ranges; an 11-digit mobile is taken for what it is.
        if not (phonenumbers.is_valid_number(read) or CHINESE_MOBILE.fullmatch(e164)) or not KEPT_FORM.fullmatch(e164):
            return None
        return cls(e164)

    @property
    def is_internal(self) -> bool:
        """Whether this is an extension or a short service number, which belongs to no resident."""
        return not self.e164.startswith("+")

    @property
    def is_private_line(self) -> bool:
        """Whether this is a mobile or a landline of the mainland: no service, paid, short or foreign number."""
        is_ours = self.e164.startswith("+86")
        return is_ours and bool(MOBILE_LINE.fullmatch(self.national) or LANDLINE.fullmatch(self.national))

    @property
    def national(self) -> str:
        """The number as it is dialled in China, for people who may see it: 13800138501, 075588888888, 0014155552671."""
        if self.is_internal:
            return self.e164
        if not self.e164.startswith("+86"):
            return "00" + self.e164[1:]
        read = phonenumbers.parse(self.e164)
        written = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.NATIONAL)
        return SEPARATORS.sub("", written)

    @property
    def written_forms(self) -> frozenset[str]:
        """Every form in which a carrier sends this number, for looking it up where it is kept as it came."""
        if self.is_internal:
            return frozenset({self.e164})
        plain = self.e164.removeprefix("+")
        forms = {self.e164, plain, "00" + plain, self.national}
        if CHINESE_MOBILE.fullmatch(self.e164):
            forms.add("0" + self.national)
        return frozenset(forms)

    @property
    def masked(self) -> str:
        """The number for screens and logs: 138****1234, 0755****8888, +1****2671; an extension as it is."""
        if self.is_internal:
            return self.e164
        if not self.e164.startswith("+86"):
            country = phonenumbers.parse(self.e164).country_code
            return f"+{country}****{self.e164[-4:]}"
        number = self.national
        head = 4 if number.startswith("0") and not number.startswith(SHORT_AREA_CODES) else 3
        return f"{number[:head]}****{number[-4:]}"

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"
