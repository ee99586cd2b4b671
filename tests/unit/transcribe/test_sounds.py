import pytest

from hotline.transcribe.sounds import apart, distance, folded, syllables


@pytest.mark.parametrize(("one", "other"), [("三动", "三栋"), ("单圆", "单元"), ("找火", "着火"), ("叶主", "业主")])
def test_homophones_lie_at_no_distance(one: str, other: str) -> None:
    assert distance(syllables(one), syllables(other)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zha", "za"), ("chi", "ci"), ("shi", "si"), ("nan", "lan"), ("fei", "hui"), ("fang", "huang"), ("fu", "hu"),
        ("jin", "jing"), ("men", "meng"), ("dan", "dang"), ("dian", "diang"), ("guan", "guang"), ("lu", "lou"),
    ],
)  # fmt: skip
def test_what_the_telephone_confuses_is_one_step_apart_and_folds_alike(one: str, other: str) -> None:
    assert apart(one, other) == apart(other, one) == 1
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ba", "pa"), ("men", "min"), ("fan", "han"), ("dong", "deng"), ("a", "ba")]
)
def test_two_sounds_are_two_sounds(one: str, other: str) -> None:
    assert apart(one, other) is None


def test_two_confusions_in_one_syllable_count_twice() -> None:
    assert apart("zheng", "zen") == 2


def test_a_syllable_for_each_character_whatever_it_is() -> None:
    text = "3栋2单元501室，A座🙂 着火了"

    assert len(syllables(text)) == len(text)
    assert syllables("着火")[0] == "zhao"
