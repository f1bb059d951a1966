"""X02: which passwords are refused."""

import pytest

from services.identity.domain.passwords import (
    Owner,
    PasswordFromOwnData,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    check_own_data,
    check_password_form,
)
from services.identity.reference import common_stems

GOOD = "竹林里的三只蓝鲸在唱京剧呢哈哈"


def check(password: str) -> None:
    check_password_form(password, common_stems())


@pytest.mark.rule("X02")
@pytest.mark.parametrize(
    "password",
    [
        "Kf7-mwe2-Pzt9-qhv4",
        "violet harbour kettle grammar",
        "竹林里三只蓝鲸唱京剧却没有观众",
        "x" + "qjvkbmwzuhgpyfdn" * 4,
        "ａｐｔ ｖｅｘ ｊｕｄｇｅ ｗｒｙ ｇｌｙｐｈ",
        "chuntian-dahai-mianbao",  # "nba" and "ai" stand in it by chance
        "mianbao-chuntian-dengta",
    ],
)
def test_long_and_uncommon_passwords_are_taken_whatever_characters_they_have(password: str) -> None:
    check(password)


@pytest.mark.rule("X02", "IDN-09")
def test_fourteen_characters_are_too_short_and_fifteen_are_enough() -> None:
    with pytest.raises(PasswordTooShort) as refused:
        check("kfvmweqpztxhvj")
    assert refused.value.params == {"minimum": 15}
    check("kfvmweqpztxhvjb")


@pytest.mark.rule("X02")
def test_spaces_of_full_width_do_not_make_a_password_longer_or_shorter() -> None:
    with pytest.raises(PasswordTooShort):
        check("ｋｆｖｍｗｅｑｐｚｔｘｈｖｊ")


@pytest.mark.rule("X02")
def test_more_than_two_hundred_and_fifty_six_characters_are_refused_not_cut_off() -> None:
    with pytest.raises(PasswordTooLong):
        check("qjvkbmwz" * 32 + "x")


@pytest.mark.rule("X02")
@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "123456789012345",
        "987654321098765",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "password12345678",
        "P@ssw0rd!P@ssw0rd!",
        "Passw0rd-2026-!!",
        "zhihuituanjian2026",
        "nba-ai-hao-nba-ai-hao",
        "nb4-a1-h40-nb4-a1-h40",
        "gaozhao-yangli-haoai-2026",
        "ZhiHui.TuanJian.123",
        "gongqingtuan1922",
        "woaizhongguo1949",
        "iloveyou5201314520",
        "ccyl-admin-20260504",
        "智慧团建智慧团建智慧团建密码一",
        "wodemima19990704",
        "letmein!letmein!!",
        "               ",
    ],
)
def test_what_is_built_from_common_words_sequences_and_repeats_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooCommon):
        check(password)


@pytest.mark.rule("X02")
@pytest.mark.parametrize(
    "password",
    [
        "xkq-07-jvm 1990-03-07 wpz",  # the birth date, taken apart
        "mulberry-307123-kite",  # six of the number in a row
        "kestrel 38001 380013 owl",  # six of the phone
        "jvqkzm 王小明 wxhpfb",
        "jvqkzm-0307123x-wb",
        "３０７１２３ jvqkzmwpth",
    ],
)
def test_six_in_a_row_of_number_birth_date_or_phone_and_the_own_name_are_refused(password: str) -> None:
    owner = Owner(number="11010119900307123X", mobile="13800138000", name="王小明")
    with pytest.raises(PasswordFromOwnData):
        check_own_data(password, owner)


@pytest.mark.rule("X02")
def test_five_in_a_row_and_a_single_character_of_the_name_are_no_own_data() -> None:
    owner = Owner(number="11010119900307123X", mobile="13800138000", name="王小明")
    check_own_data("mulberry 07123 kite 王 13800", owner)
    check_own_data("mulberry 07123 kite 王 13800", Owner())


@pytest.mark.rule("X02")
def test_the_list_speaks_for_more_than_a_hundred_thousand_common_passwords() -> None:
    """X02 asks for a list of 100,000: two stems with a year between are that many and more, a sample shows them refused."""
    stems = sorted(s for s in common_stems() if len(s) >= 6 and s.isascii())
    assert len(stems) ** 2 > 100_000
    for first, second in zip(stems[::7], stems[3::7], strict=False):
        with pytest.raises(PasswordTooCommon):
            check(f"{first.title()}2026{second}!")
