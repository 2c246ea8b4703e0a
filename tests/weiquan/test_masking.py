import pytest

from weiquan.masking import mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王秀英", "王某某"),
        ("王英", "王某"),
        ("王", "王某"),
        ("王 秀 英", "王某某"),
        ("王欧阳秀英", "王某某"),
        ("欧阳秀英", "欧阳某某"),
        ("欧阳英", "欧阳某"),
        ("欧阳", "欧某"),
        ("诸葛小花", "诸葛某某"),
        ("令狐冲", "令狐某"),
        ("尉迟恭", "尉迟某"),
        ("阿依古丽·买买提", "阿某某"),
        ("阿依古丽•买买提", "阿某某"),
        ("Anna Smith", "A***"),
        ("李某某", "李某某"),
        ("䶮小花", "䶮某某"),
        ("𡈽小花", "𡈽某某"),
        ("〇小花", "〇某某"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_mask_name_keeps_only_the_surname(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("0375-2661234", "0375-****234"),
        ("010-62661234", "010-****234"),
        ("0375—2661234", "0375-****234"),
        ("03752661234", "****234"),
        ("2661234", "****234"),
        ("12338", "12338"),
        ("110", "110"),
        ("没有", ""),
        ("", ""),
    ],
)
def test_mask_phone_keeps_too_little_to_call(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("410423199003071234", "**************1234"),
        ("41042319900307123x", "**************123X"),
        ("410423 19900307 1234", "**************1234"),
        ("410423900307123", "***********7123"),
        ("G1234567", "********"),
        ("", ""),
    ],
)
def test_mask_id_number_keeps_the_last_four(number, masked):
    assert mask_id_number(number) == masked
