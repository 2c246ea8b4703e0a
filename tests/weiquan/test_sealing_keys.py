import base64
import json
import subprocess
import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from tests.weiquan.conftest import make_ring
from weiquan import sealing
from weiquan.sealing import (
    KeyRingError,
    SealBroken,
    bigrams,
    blind_index,
    evidence_mac,
    new_key_ring,
    normalise,
    ring,
    sm3,
    with_new_key,
)
from weiquan.sealing import keys as keys_module
from weiquan.sealing.checks import check_sealing
from weiquan.sealing.keys import Sm4Gcm, check_algorithms, hmac_sm3, read_ring

PLACE = "letter.sender.1"


def test_sm4_gcm_computes_the_vector_of_rfc_8998():
    sealed = Sm4Gcm(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")).encrypt(
        bytes.fromhex("00001234567800000000ABCD"),
        bytes.fromhex(
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
            "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
        ),
        bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"),
    )

    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )


def test_sm3_computes_the_vectors_of_the_standard():
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_hmac_sm3_is_the_hmac_of_rfc_2104_over_sm3():
    block = b"key".ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in block) + b"text")

    assert hmac_sm3(b"key", b"text") == sm3(bytes(b ^ 0x5C for b in block) + inner)


@given(text=st.binary(max_size=2000), place=st.text(st.characters(exclude_categories=["Cs"])))
@pytest.mark.parametrize("current", ["k1", "k2"])
def test_what_is_sealed_opens_in_its_place(current, text, place):
    key_ring = read_ring(make_ring(current))

    envelope = key_ring.seal(text, place)

    assert key_ring.open(envelope, place) == text
    assert len(envelope) == 1 + 1 + 2 + 12 + len(text) + 16


def test_sealing_twice_gives_different_bytes():
    key_ring = read_ring(make_ring("k1"))

    assert key_ring.seal(b"text", PLACE) != key_ring.seal(b"text", PLACE)


@pytest.mark.parametrize("current", ["k1", "k2"])
def test_every_changed_byte_is_noticed(current):
    key_ring = read_ring(make_ring(current, "k1", "k2", "k3"))
    envelope = key_ring.seal(b"secret text", PLACE)

    for position in range(len(envelope)):
        for flip in (0x01, 0x03, 0x80):  # 0x03 turns the suite SM4 into AES and the key k1 into k2
            changed = bytearray(envelope)
            changed[position] ^= flip
            with pytest.raises(SealBroken):
                key_ring.open(bytes(changed), PLACE)


def test_every_cut_and_every_extension_is_noticed():
    key_ring = read_ring(make_ring("k1"))
    envelope = key_ring.seal(b"secret text", PLACE)

    for length in range(len(envelope)):
        with pytest.raises(SealBroken):
            key_ring.open(envelope[:length], PLACE)
    with pytest.raises(SealBroken):
        key_ring.open(envelope + b"\0", PLACE)


def test_another_place_does_not_open():
    key_ring = read_ring(make_ring("k1"))
    envelope = key_ring.seal(b"text", PLACE)

    with pytest.raises(SealBroken, match="changed or belongs to another row"):
        key_ring.open(envelope, "letter.sender.2")


def test_a_dropped_key_is_named():
    envelope = read_ring(make_ring("k1")).seal(b"text", PLACE)

    with pytest.raises(SealBroken, match="'k1', which WEIQUAN_KEYS does not hold"):
        read_ring(make_ring("k2")).open(envelope, PLACE)


def test_old_keys_open_and_the_current_one_seals():
    envelope = read_ring(make_ring("k1")).seal(b"text", PLACE)
    key_ring = read_ring(make_ring("k2", "k1", "k2"))

    assert key_ring.open(envelope, PLACE) == b"text"
    assert key_ring.seal(b"text", PLACE)[:4] == b"\x02\x02k2"


def short(length):
    return base64.b64encode(b"x" * length).decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not valid JSON. Make a ring with `python -m weiquan.sealing`"),
        ("{'current': 'k1'}", "is not valid JSON"),
        ("[]", "lacks current, data, index, chain"),
        ("{}", "lacks current, data, index, chain"),
        (make_ring("k1", index=""), "lacks index. For a new database make a ring"),
        (make_ring("k1", data=["k1"]), '"data" must be an object of keys by id'),
        (make_ring("k1", current="k9"), '"current" names \'k9\', but "data" has no such key'),
        (make_ring("k1", data={"钥匙": {}}), "must be 1 to 32 of letters, digits"),
        (make_ring("k1", data={"k" * 33: {}}), "must be 1 to 32 of letters, digits"),
        (make_ring("k1", data={"k1": "text"}), "'k1' needs \"suite\" SM4-GCM or AES-256-GCM"),
        (make_ring("k1", data={"k1": {"suite": "DES"}}), "'k1' needs \"suite\""),
        (make_ring("k1", data={"k1": {"suite": "SM4-GCM"}}), "the \"key\" of 'k1' is not base64"),
        (make_ring("k1", data={"k1": {"suite": "SM4-GCM", "key": "%"}}), "the \"key\" of 'k1' is not base64"),
        (
            make_ring("k1", data={"k1": {"suite": "SM4-GCM", "key": short(15)}}),
            "the \"key\" of 'k1' has 15 bytes and needs exactly 16",
        ),
        (
            make_ring("k1", data={"k1": {"suite": "AES-256-GCM", "key": short(16)}}),
            "the \"key\" of 'k1' has 16 bytes and needs exactly 32",
        ),
        (make_ring("k1", index=short(16)), '"index" has 16 bytes and needs exactly 32'),
        (make_ring("k1", chain=short(33)), '"chain" has 33 bytes and needs exactly 32'),
        (make_ring("k1", chain=short(32), index=short(32)), '"index" and "chain" are the same key'),
    ],
)
def test_a_wrong_ring_says_how_to_mend_it(text, sentence):
    with pytest.raises(KeyRingError) as raised:
        read_ring(text)

    assert sentence in str(raised.value)


def test_no_message_or_repr_shows_a_key():
    key_ring = read_ring(make_ring("k1"))
    secret = make_ring("k1", data={"k1": {"suite": "SM4-GCM", "key": "c2VjcmV0"}})

    with pytest.raises(KeyRingError) as raised:
        read_ring(secret)

    assert "c2VjcmV0" not in str(raised.value)
    assert "1111" not in repr(key_ring)
    assert "iiii" not in repr(key_ring)


@pytest.mark.parametrize(("suite", "code"), [("SM4-GCM", 1), ("AES-256-GCM", 2)])
def test_new_rings_work_and_differ(suite, code):
    first, second = new_key_ring(suite), new_key_ring(suite)

    assert first != second
    assert read_ring(first).open(read_ring(first).seal(b"text", PLACE), PLACE) == b"text"
    assert read_ring(first).current.prefix == bytes([code, 2]) + b"k1"


def test_a_new_ring_of_an_unknown_suite_is_refused():
    with pytest.raises(KeyRingError, match="There is no suite 'DES'"):
        new_key_ring("DES")


def test_with_new_key_keeps_the_rest_and_never_reuses_an_id():
    before = json.loads(make_ring("k3", "k1", "k3"))

    after = json.loads(with_new_key(json.dumps(before), "AES-256-GCM"))

    assert after["current"] == "k4"
    assert after["data"].pop("k4")["suite"] == "AES-256-GCM"
    assert after == {**before, "current": "k4"}


def test_the_module_prints_a_ring_without_any_settings():
    run = subprocess.run(
        [sys.executable, "-m", "weiquan.sealing"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "."},
    )

    assert read_ring(run.stdout).current.id == "k1"


def test_the_package_has_no_other_names():
    with pytest.raises(AttributeError, match="has no attribute 'SealdModel'"):
        sealing.SealdModel  # noqa: B018 – reading is what is tried


def test_make_keys_prints_a_new_ring_or_adds_a_key(keys, settings, capsys):
    call_command("make_keys", suite="AES-256-GCM")
    assert read_ring(capsys.readouterr().out).current.suite == "AES-256-GCM"

    call_command("make_keys", add=True)
    longer = read_ring(capsys.readouterr().out)
    assert (longer.current.id, sorted(longer.data)) == ("k2", ["k1", "k2"])
    assert longer.index == ring().index


def test_the_system_check_is_silent_when_all_is_well(keys):
    assert check_sealing() == []


def test_the_system_check_names_a_ring_that_cannot_be_used(settings):
    settings.WEIQUAN_KEYS = "{}"

    assert [(message.id, message.level) for message in check_sealing()] == [("weiquan.E002", 50)]


class WithoutSm4:
    def __init__(self, key):
        raise UnsupportedAlgorithm("SM4")


class WithWrongSm4(Sm4Gcm):
    def encrypt(self, *args):
        return super().encrypt(*args)[::-1]


@pytest.mark.parametrize("cipher", [WithoutSm4, WithWrongSm4])
def test_a_library_that_computes_something_else_is_noticed_first(keys, monkeypatch, cipher):
    monkeypatch.setattr(keys_module, "Sm4Gcm", cipher)
    check_algorithms.cache_clear()
    read_ring.cache_clear()

    assert [message.id for message in check_sealing()] == ["weiquan.E001"]
    with pytest.raises(KeyRingError, match="Install the ready-made wheel of `cryptography`"):
        ring()


def test_evidence_mac_survives_the_rotation_of_data_keys(settings):
    settings.WEIQUAN_KEYS = make_ring("k1")
    before = evidence_mac("第一环")

    settings.WEIQUAN_KEYS = make_ring("k2", "k1", "k2")
    assert evidence_mac("第一环") == before
    assert len(before) == 32
    assert evidence_mac("第二环") != before

    settings.WEIQUAN_KEYS = make_ring("k1", chain=short(32))
    assert evidence_mac("第一环") != before


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("王秀英", " 王 秀　英 "),
        ("41042319900307123X", "４１０４２３１９９００３０７１２３ｘ"),
        ("阿依古丽·买买提", "阿依古丽・买买提"),
        ("138-1234-5678", "138 1234 5678"),
        ("Straße", "STRASSE"),
        ("\u2f00", "一"),
    ],
)
def test_normalise_joins_spellings(written, same):
    assert normalise(written) == normalise(same) != ""


def test_normalise_keeps_rare_name_characters():
    rare = "䶮𡈽\ue000\U0002ebf0\U00031350"  # extensions A and B, private use, extensions I and H

    assert normalise(rare) == rare


def test_blind_index_tells_kinds_texts_and_keys_apart(keys, settings):
    index = blind_index("name", "王秀英")

    assert len(index) == 16
    assert blind_index("name", "王 秀英") == index
    assert len({index, blind_index("phone", "王秀英"), blind_index("name", "王秀")}) == 3
    settings.WEIQUAN_KEYS = make_ring("k1", index=short(32))
    assert blind_index("name", "王秀英") != index


def test_bigrams_are_sorted_unique_signed_and_keyed(keys, settings):
    grams = bigrams("story", "离婚，离婚！")

    assert grams == sorted(set(grams))
    assert len(grams) == 2  # 离婚 and, across the comma, 婚离
    assert set(bigrams("story", "离婚")) < set(grams)
    assert bigrams("name", "离婚") != bigrams("story", "离婚")
    settings.WEIQUAN_KEYS = make_ring("k1", index=short(32))
    assert bigrams("story", "离婚，离婚！") != grams


def test_bigrams_need_two_characters(keys):
    assert bigrams("name", "王") == bigrams("name", " 王。") == bigrams("name", "") == []


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.sampled_from("，。 ａb１2"))


@given(before=CHINESE, words=CHINESE, after=CHINESE)
def test_bigrams_of_a_part_are_among_those_of_the_whole(before, words, after):
    whole = set(bigrams("story", before + words + after))

    assert set(bigrams("story", words)) <= whole
    assert all(-(2**31) <= gram < 2**31 for gram in whole)
