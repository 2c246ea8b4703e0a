import copy
import pickle
import time
from datetime import date
from uuid import UUID

import pytest
from django.apps import AppConfig, apps
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Value
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext, isolate_apps
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.weiquan import sealing_models
from tests.weiquan.conftest import make_ring
from tests.weiquan.sealing_models import Enclosure, Letter, without_country
from weiquan.sealing import (
    BigramField,
    BlindIndexField,
    Ciphertext,
    SealBroken,
    SealedFieldError,
    SealedJSONField,
    SealedModel,
    SealedTextField,
    bigrams,
    blind_index,
    normalise,
    uuid7,
)

STORY = "她说丈夫昨夜又动手打人，想离婚。"

with_database = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def stored(letter, column):
    """What really lies in the column."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {column} from {letter._meta.db_table} where {letter._meta.pk.column} = %s", [letter.pk]
        )
        return cursor.fetchone()[0]


def test_uuid7_is_version_7_and_grows():
    before = time.time_ns() // 1_000_000
    ids = [uuid7()]
    while len(ids) < 50:
        time.sleep(0.000_01)
        ids.append(uuid7())

    assert ids == sorted(set(ids))
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert before <= ids[0].int >> 80 <= ids[-1].int >> 80 <= time.time_ns() // 1_000_000


@with_database
@given(sender=texts, phone=st.none() | texts)
def test_text_comes_back_as_it_went_in(tables, sender, phone):
    letter = Letter.objects.create(sender=sender, phone=phone)

    again = Letter.objects.get(pk=letter.pk)

    assert (again.sender, again.phone) == (sender, phone)
    assert len(stored(letter, "sender")) == 32 + len(sender.encode())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@with_database
@given(extras=st.lists(json_values, max_size=4) | st.dictionaries(texts, json_values, max_size=4))
def test_json_comes_back_as_it_went_in(tables, extras):
    letter = Letter.objects.create(sender="王秀英", extras=extras)

    assert Letter.objects.get(pk=letter.pk).extras == extras
    assert stored(letter, "extras")[:4] == b"\x01\x02k1"


def test_empty_and_unknown_stay_apart(tables):
    letter = Letter.objects.create(sender="王秀英", phone="")

    again = Letter.objects.get()

    assert (again.phone, again.demand, again.extras) == ("", None, None)
    assert len(stored(letter, "phone")) == 32
    assert stored(letter, "demand") is None
    assert Letter.objects.filter(phone__isnull=False, demand__isnull=True).count() == 1


def test_a_column_that_must_be_known_refuses_null(tables):
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(sender=None)


def test_changes_inside_json_are_saved(tables):
    letter = Letter.objects.create(sender="王秀英", extras={"孩子": 1, "自": date(2026, 11, 21)})
    again = Letter.objects.get()
    again.extras["孩子"] = 2
    again.save()

    letter.refresh_from_db()

    assert letter.extras == {"孩子": 2, "自": "2026-11-21"}


def test_reading_is_lazy_and_happens_once(tables, monkeypatch):
    Letter.objects.create(sender="王秀英", facts=STORY)
    opened = []
    really_open = SealedTextField.open

    def recorded(field, pk, token):
        opened.append(field.name)
        return really_open(field, pk, token)

    monkeypatch.setattr(SealedTextField, "open", recorded)

    letter = Letter.objects.get()
    assert (letter.place, opened) == ("", [])
    assert (letter.facts, letter.facts, opened) == (STORY, STORY, ["facts"])


def test_bulk_create_seals_and_indexes(tables):
    Letter.objects.bulk_create([Letter(sender=name, facts=STORY) for name in ("王秀英", "李英")])

    found = Letter.objects.get(sender_index="李 英")

    assert (found.sender, found.facts) == ("李英", STORY)
    assert found.grams == bigrams("story", STORY)


def test_deferred_fields_load_and_open(tables, django_assert_num_queries):
    Letter.objects.create(sender="王秀英", facts=STORY)

    letter = Letter.objects.only("place").get()
    with django_assert_num_queries(1):
        assert letter.sender == "王秀英"
    assert Letter.objects.defer("facts").get().facts == STORY
    letter.refresh_from_db()
    assert letter.facts == STORY


def test_a_child_may_take_the_id_of_its_parent(tables):
    letter = Letter.objects.create(sender="王秀英")
    Enclosure.objects.create(letter=letter, text=STORY)

    enclosure = Enclosure.objects.select_related("letter").get(pk=str(letter.pk).upper())

    assert (enclosure.text, enclosure.letter.sender) == (STORY, "王秀英")


def test_one_insert_and_nothing_else_for_a_new_row(tables, django_assert_num_queries):
    with django_assert_num_queries(1):
        Letter.objects.create(sender="王秀英")


def test_tokens_of_values_list_open_with_their_row(tables):
    letter = Letter.objects.create(sender="王秀英", extras=["附件"])

    [(pk, sender, extras, demand)] = Letter.objects.values_list("pk", "sender", "extras", "demand")

    assert type(sender) is Ciphertext
    assert f"{sender} {sender!r} {[sender]}" == "<sealed> <sealed> [<sealed>]"
    assert Letter.open_sealed("sender", pk, sender) == "王秀英"
    assert Letter.open_sealed("sender", str(letter.pk).upper(), bytes(sender)) == "王秀英"
    assert Letter.open_sealed("extras", pk, extras) == ["附件"]
    assert Letter.open_sealed("demand", pk, demand) is None
    with pytest.raises(TypeError, match="place is not sealed"):
        Letter.open_sealed("place", pk, sender)


@pytest.fixture
def installed(monkeypatch):
    """Copying and pickling look the model up in its app."""
    config = AppConfig("sealing_tests", sealing_models)
    config.apps, config.models = apps, apps.all_models["sealing_tests"]
    monkeypatch.setitem(apps.app_configs, "sealing_tests", config)


def test_copies_and_pickles_carry_only_what_was_opened(tables, installed):
    Letter.objects.create(sender="王秀英", facts=STORY)
    letter = Letter.objects.get()
    assert letter.sender == "王秀英"

    for twin in (copy.deepcopy(letter), pickle.loads(pickle.dumps(letter))):
        assert type(twin.__dict__["facts"]) is Ciphertext
        assert (twin.sender, twin.facts) == ("王秀英", STORY)
    assert STORY.encode() not in pickle.dumps(Letter.objects.get())


def test_a_copy_under_a_new_id_is_sealed_for_that_id(tables):
    Letter.objects.create(sender="王秀英", facts=STORY)
    letter = Letter.objects.get()
    assert (letter.sender, letter.phone, letter.facts) == ("王秀英", None, STORY)
    letter.pk, letter._state.adding = uuid7(), True
    letter.save()

    assert [letter.sender for letter in Letter.objects.all()] == ["王秀英", "王秀英"]


def test_a_value_swapped_between_rows_does_not_open(tables):
    first = Letter.objects.create(sender="王秀英", facts="甲")
    second = Letter.objects.create(sender="李英", facts="乙")
    with connection.cursor() as cursor:
        cursor.execute(
            "update sealing_tests_letter set sender = %s where id = %s", [stored(first, "sender"), second.pk]
        )
        cursor.execute("update sealing_tests_letter set facts = sender where id = %s", [first.pk])

    for pk, name in ((second.pk, "sender"), (first.pk, "facts")):
        with pytest.raises(SealBroken, match=f"sealing_tests_letter.{name}.{pk} was changed or belongs"):
            getattr(Letter.objects.get(pk=pk), name)
    assert Letter.objects.get(pk=first.pk).sender == "王秀英"


def test_a_broken_value_is_neither_shown_nor_written_back(tables):
    letter = Letter.objects.create(sender="王秀英")
    broken = stored(letter, "sender")[:-1] + b"\0\0"
    with connection.cursor() as cursor:
        cursor.execute("update sealing_tests_letter set sender = %s", [broken])

    again = Letter.objects.get()
    with pytest.raises(SealBroken), transaction.atomic():
        again.save()
    with pytest.raises(SealBroken) as raised:
        again.sender  # noqa: B018 – reading is what is tried

    assert "王秀英" not in str(raised.value)
    assert stored(letter, "sender") == broken


def test_saving_an_unopened_row_moves_it_to_the_current_key(tables, settings):
    letter = Letter.objects.create(sender="王秀英", facts=STORY)
    again = Letter.objects.get()
    settings.WEIQUAN_KEYS = make_ring("k2", "k1", "k2")
    again.save()

    assert stored(letter, "facts")[:4] == b"\x02\x02k2"
    assert Letter.objects.get().facts == STORY


@pytest.mark.parametrize(
    "value", ["李英", b"bytes", Value("x"), F("facts"), Upper("place"), Ciphertext(b"token")]
)
def test_update_cannot_write_a_sealed_field(tables, value):
    Letter.objects.create(sender="王秀英", facts=STORY)

    with pytest.raises(SealedFieldError, match="is sealed row by row"), transaction.atomic():
        Letter.objects.update(sender=value)
    assert Letter.objects.get().sender == "王秀英"


def test_bulk_update_cannot_write_a_sealed_field(tables):
    letter = Letter.objects.create(sender="王秀英")
    letter.sender = "李英"

    with pytest.raises(SealedFieldError, match="is sealed row by row"):
        Letter.objects.bulk_update([letter], ["sender"])


def test_update_may_wipe(tables):
    Letter.objects.create(sender="王秀英", phone="13812345678")

    Letter.objects.update(phone=None, phone_index=None)

    assert (Letter.objects.get().phone, Letter.objects.get().phone_index) == (None, None)


@pytest.mark.parametrize(
    "lookup", ["sender", "sender__in", "sender__contains", "sender__iexact", "extras__has_key"]
)
def test_a_sealed_field_cannot_be_searched(tables, lookup):
    with pytest.raises(SealedFieldError, match="cannot be searched"):
        Letter.objects.filter(**{lookup: "王秀英"}).exists()


@pytest.mark.parametrize("value", [b"bytes", 5, ["王"], Value("x")])
def test_text_fields_take_text_only(tables, value):
    with pytest.raises(SealedFieldError, match="takes text"):
        Letter(sender=value).save()


def test_dumpdata_refuses_to_write_plain_text(tables):
    Letter.objects.create(sender="王秀英")

    with pytest.raises(SealedFieldError, match="pg_dump"):
        serializers.serialize("json", Letter.objects.all())


def test_no_sql_carries_plain_text(tables):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        letter = Letter.objects.create(sender="王秀英", phone="13812345678", facts=STORY, extras=["附件"])
        letter.facts = STORY + "完"
        letter.save(update_fields=["facts"])
        assert Letter.objects.filter(sender_index="王秀英", phone_index="138 1234 5678").count() == 1
        assert Letter.objects.filter(grams__contains=bigrams("story", "离婚")).count() == 1

    said = " ".join(query["sql"] for query in queries)
    assert "INSERT" in said
    for secret in ("王秀英", "13812345678", "离婚", "附件"):
        assert secret not in said
        assert secret.encode().hex() not in said


def test_blind_index_finds_the_whole_value(tables):
    letter = Letter.objects.create(sender="王秀英", phone="138-1234-5678")
    Letter.objects.create(sender="王秀", phone=None)
    Letter.objects.create(sender="…", phone="")

    assert Letter.objects.get(sender_index=blind_index("name", "王 秀英")) == letter
    assert Letter.objects.get(phone_index="+86 138 1234 5678") == letter
    assert Letter.objects.get(sender_index__in=["王秀英", "张三"]) == letter
    assert Letter.objects.filter(sender_index="王").count() == 0
    assert (
        letter.sender_index == Letter.objects.get(pk=letter.pk).sender_index == blind_index("name", "王秀英")
    )


def test_searching_for_nothing_finds_nothing(tables):
    Letter.objects.create(sender="…", phone="")

    assert Letter.objects.get().phone_index is None
    assert Letter.objects.filter(phone_index="").count() == 0
    assert Letter.objects.filter(sender_index=" ").count() == 0


def test_bigrams_find_a_part_of_any_source(tables):
    letter = Letter.objects.create(sender="王秀英", facts=STORY, demand="要求分割财产")
    Letter.objects.create(sender="李英", facts="邻里纠纷")

    def found(words):
        return list(Letter.objects.filter(grams__contains=bigrams("story", words)))

    assert found("离婚") == found("想离婚") == found("分割 财产") == [letter]
    assert found("离婚分割") == found("财产分割") == []


def test_bigram_candidates_are_verified_by_the_same_normalisation(tables):
    Letter.objects.create(sender="王秀英", facts="离婚，婚后打人。")

    [letter] = Letter.objects.filter(grams__contains=bigrams("story", "离婚婚后"))

    assert normalise("离婚婚后") in normalise(letter.facts)
    assert normalise("婚后离婚") not in normalise(letter.facts)


def test_bigram_search_can_use_the_gin_index(tables):
    Letter.objects.create(sender="王秀英", facts=STORY)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")

    plan = Letter.objects.filter(grams__contains=bigrams("story", "离婚")).explain()

    assert "letter_grams" in plan


def test_update_fields_brings_the_indexes_along(tables):
    letter = Letter.objects.create(sender="王秀英", facts=STORY, demand="要求分割财产")
    letter.sender, letter.demand = "李英", "要求道歉"
    letter.save(update_fields=["sender", "demand"])

    assert Letter.objects.filter(sender_index="李英").count() == 1
    assert Letter.objects.get().grams == sorted({*bigrams("story", STORY), *bigrams("story", "要求道歉")})


def test_update_fields_writes_no_more_than_asked_otherwise(tables):
    letter = Letter.objects.create(sender="王秀英", facts=STORY)
    before = stored(letter, "facts")
    letter.place, letter.facts = "下汤镇", "别的"
    letter.save(update_fields=["place"])

    assert stored(letter, "facts") == before
    assert Letter.objects.get().grams == bigrams("story", STORY)


def test_saving_a_partly_loaded_row_brings_the_indexes_along(tables):
    Letter.objects.create(sender="王秀英", facts=STORY, demand="要求分割财产")
    letter = Letter.objects.only("sender", "facts").get()
    letter.sender, letter.facts = "李英", "邻里纠纷"
    letter.save()

    assert Letter.objects.filter(sender_index="李英").count() == 1
    expected = {*bigrams("story", "邻里纠纷"), *bigrams("story", "要求分割财产")}
    assert Letter.objects.get().grams == sorted(expected)


def test_forms_and_validation_see_plain_text(tables):
    letter = Letter(sender="", place="下汤镇")

    with pytest.raises(ValidationError) as raised:
        letter.full_clean()
    assert set(raised.value.message_dict) == {"sender", "phone", "facts", "demand", "extras", "scan"}
    letter.sender, letter.facts = "王秀英", STORY
    letter.demand = "离婚"
    letter.phone = "13812345678"
    letter.extras = ["附件"]
    letter.scan = b"%PDF"
    letter.full_clean()


@pytest.mark.parametrize(
    "name", ["sender", "phone", "extras", "scan", "sender_index", "phone_index", "grams"]
)
def test_migrations_name_the_package_and_rebuild_the_field(name):
    field = Letter._meta.get_field(name)
    _, path, args, kwargs = field.deconstruct()

    assert path == f"weiquan.sealing.{type(field).__name__}"
    assert type(field)(*args, **kwargs).deconstruct()[1:] == (path, args, kwargs)
    assert "weiquan.sealing" in MigrationWriter.serialize(field)[0]


def test_migrations_keep_what_an_index_is_made_of():
    kwargs = Letter._meta.get_field("phone_index").deconstruct()[3]

    assert kwargs == {
        "source": "phone",
        "kind": "phone",
        "normalise": without_country,
        "null": True,
        "blank": True,
    }
    assert Letter._meta.get_field("grams").deconstruct()[3]["source"] == ("facts", "demand")


def test_a_column_added_later_must_allow_null(tables):
    field = SealedTextField(default="")
    field.set_attributes_from_name("later")
    field.model = Letter

    with connection.schema_editor() as editor, pytest.raises(SealedFieldError, match="column defaults"):
        editor.add_field(Letter, field)


def test_models_are_checked_for_the_base_and_the_sources():
    with isolate_apps("stations"):

        class Plain(models.Model):  # noqa: DJ008 – lives for one check
            name = SealedTextField()

            class Meta:
                app_label = "stations"

        class Wrong(SealedModel):
            place = models.CharField(max_length=5)
            extras = SealedJSONField()
            place_index = BlindIndexField(source="place", kind="place")
            grams = BigramField(source=("extras", "nowhere"), kind="story")

            class Meta:
                app_label = "stations"

        problems = [*Plain._meta.get_field("name").check()]
        wrong = [error for field in Wrong._meta.fields for error in field.check()]

    assert [(problem.id, problem.hint) for problem in problems] == [
        ("weiquan.E003", "Let the model inherit from weiquan.sealing.SealedModel.")
    ]
    assert [(error.id, error.obj.name) for error in wrong] == [
        ("weiquan.E004", "place_index"),
        ("weiquan.E004", "grams"),
    ]
    assert "instead of extras, nowhere" in wrong[1].hint
    assert [error for field in Letter._meta.fields for error in field.check()] == []


def test_a_row_without_an_id_cannot_be_sealed():
    letter = Letter(id=None, sender="王秀英")

    with pytest.raises(SealedFieldError, match="binds to the primary key"):
        letter._meta.get_field("sender").pre_save(letter, add=True)


def test_ids_are_uuid7_before_the_row_is_saved():
    assert isinstance(Letter().pk, UUID)
    assert Letter().pk.version == 7


@with_database
@given(scan=st.binary(max_size=4000))
def test_a_file_comes_back_byte_by_byte(tables, scan):
    letter = Letter.objects.create(sender="甲", scan=scan)

    assert Letter.objects.get(pk=letter.pk).scan == scan


def test_a_file_is_bytes(tables):
    with pytest.raises(SealedFieldError, match="takes bytes, not str"):
        Letter.objects.create(sender="甲", scan="not a file")
