"""ID numbers and telephone numbers: known vectors, and that what is told is never mangled."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import Sex
from cases.forms.identity import check_character, phone_flaw, read_id_number, tidy_id_number, tidy_phone

TODAY = date(2026, 11, 16)


def test_the_example_of_the_standard_is_right() -> None:
    reading = read_id_number("11010519491231002X", TODAY)
    assert (reading.flaw, reading.born, reading.sex) == ("", date(1949, 12, 31), Sex.FEMALE)


@pytest.mark.parametrize(("body", "last"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_check_character_of_the_standard(body: str, last: str) -> None:
    assert check_character(body) == last


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
        "110105\u200019491231\u3000002X",
    ],
)
def test_spelling_does_not_matter(typed: str) -> None:
    assert tidy_id_number(typed) == "11010519491231002X"
    assert read_id_number(typed, TODAY).flaw == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("110105194912310021", "校验不符"),
        ("1101051949123100", "应为18位，现在是16位"),
        ("1101051949123100222", "应为18位，现在是19位"),
        ("11010519491331002X", "出生日期"),
        ("110105194902300021", "出生日期"),
        ("110105202702300021", "出生日期"),
        ("110105202611170021", "出生日期"),  # tomorrow
        ("440524188001010014", "出生日期"),  # nobody alive
        ("1101051949123100XX", "前17位"),
        ("11010519491231002A", "前17位"),
        ("①10105194912310021", "校验不符"),  # NFKC makes ① a 1
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢١", "前17位"),  # other scripts' digits are digits to Python, not on a card
        ("11010549123100A", "15位"),
        ("110105491331002", "15位"),
    ],
)
def test_what_is_wrong_is_said(number: str, words: str) -> None:
    assert words in read_id_number(number, TODAY).flaw


def test_an_old_number_is_read_with_a_hint() -> None:
    reading = read_id_number("110105491231003", TODAY)
    assert (reading.flaw, reading.born, reading.sex) == ("", date(1949, 12, 31), Sex.MALE)
    assert "15位" in reading.hint


@pytest.mark.parametrize("region", ["000000", "999999", "410499", "810000"])
def test_no_place_is_refused(region: str) -> None:
    body = f"{region}19900305001"
    assert read_id_number(body + check_character(body), TODAY).flaw == ""


births = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
bodies = st.builds(
    lambda region, born, serial: f"{region:06}{born:%Y%m%d}{serial:03}",
    st.integers(0, 999_999),
    births,
    st.integers(0, 999),
)


@given(body=bodies)
def test_every_number_made_by_the_rule_is_read_back(body: str) -> None:
    reading = read_id_number(body + check_character(body), TODAY)
    assert reading.flaw == ""
    assert reading.born is not None
    assert f"{reading.born:%Y%m%d}" == body[6:14]
    assert reading.sex == (Sex.MALE if int(body[-1]) % 2 else Sex.FEMALE)


@given(body=bodies, place=st.integers(0, 16), digit=st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, digit: int) -> None:
    wrong = body[:place] + str((int(body[place]) + digit) % 10) + body[place + 1 :]
    assert read_id_number(wrong + check_character(body), TODAY).flaw


@given(body=bodies, place=st.integers(0, 15))
def test_two_neighbours_swapped_are_always_noticed(body: str, place: int) -> None:
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    reading = read_id_number(swapped + check_character(body), TODAY)
    assert bool(reading.flaw) == (swapped != body)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    reading = read_id_number(text, TODAY)
    assert reading.flaw or reading.born
    assert isinstance(phone_flaw(tidy_phone(text)), str)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13900000001", "13900000001"),
        ("１３９００００　０００１", "13900000001"),
        ("139-0000-0001", "13900000001"),
        ("+86 139 0000 0001", "13900000001"),
        ("0086 13900000001", "13900000001"),
        ("0375-2661234", "03752661234"),
        ("(0375)2661234", "03752661234"),
        ("（0375）2661234", "03752661234"),
        ("010-62345678", "01062345678"),
        ("021 6234 5678", "02162345678"),
        ("12338", "12338"),
        ("110", "110"),
        ("12348", "12348"),
        ("400-800-1234", "4008001234"),
        ("+852 2345 6789", "0085223456789"),
    ],
)
def test_telephone_numbers_are_kept_as_digits(typed: str, kept: str) -> None:
    assert tidy_phone(typed) == kept
    assert phone_flaw(kept) == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1390000000", "应为11位，现在是10位"),
        ("139000000011", "应为11位，现在是12位"),
        ("12900000001", "没有这样的手机号"),
        ("2661234", "区号"),
        ("0375-2661234转801", "分机号"),
        ("她姐姐的", "只填数字"),
        ("٠٣٧٥٢٦٦١٢٣٤", "只填数字"),
        ("5", "不对"),
        ("0375-1661234", "不对"),
    ],
)
def test_a_number_that_cannot_be_dialled_is_said_to_be_wrong(typed: str, words: str) -> None:
    assert words in phone_flaw(tidy_phone(typed))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_number_survives(number: str) -> None:
    assert tidy_phone(f" {number[:3]} {number[3:7]}-{number[7:]} ") == number
    assert phone_flaw(number) == ""
