import gzip
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from stations.models import Organisation, Region
from stations.regions import Imported, RegionListError, RegionRow, import_list, read_list

AS_OF = date(2026, 10, 31)
COUNTY, TOWN, VILLAGE = "410423000000", "410423101000", "410423101201"


def rows(*changes, without=()):
    listed = {
        "410000000000": "河南省",
        "410400000000": "平顶山市",
        COUNTY: "鲁山县",
        TOWN: "下汤镇",
        "410423102000": "梁洼镇",
        "410422000000": "叶县",
    }
    kept = [RegionRow(code, name) for code, name in listed.items() if code not in without]
    return [*kept, *changes]


def test_shipped_lists_hold_the_country_and_one_city_of_villages(db):
    call_command("import_regions", verbosity=0)

    assert Region.objects.count() == 44_699 + 2_828
    levels = [
        Region.objects.under("4104").filter(level=level).count()
        for level in ("COUNTY", "TOWNSHIP", "VILLAGE")
    ]
    assert levels == [12, 148, 2828]


def test_import_twice_changes_nothing(db):
    assert import_list(rows()) == Imported(added=6, renamed=0, ended=0, followed=0)

    assert import_list(rows(), as_of=AS_OF) == Imported(0, 0, 0, 0)


def test_a_new_name_keeps_the_code(regions):
    done = import_list([RegionRow(TOWN, "下汤街道")])

    assert done.renamed == 1
    assert Region.objects.get(code=TOWN).name == "下汤街道"


def test_without_a_date_nothing_ends(regions):
    assert import_list(rows(without=[TOWN])).ended == 0

    assert Region.objects.get(code=TOWN).valid_to is None


def test_a_newer_list_ends_codes_and_names_the_successor(regions):
    new = RegionRow("410423103000", "下汤镇")

    done = import_list(rows(new, without=[TOWN]), as_of=AS_OF, force=True)

    old = Region.objects.get(code=TOWN)
    assert done == Imported(added=1, renamed=0, ended=1, followed=1)
    assert (old.valid_to, old.successor_id) == (date(2026, 10, 30), new.code)
    assert Region.objects.get(code=new.code).valid_from == AS_OF
    assert TOWN not in Region.objects.current().values_list("code", flat=True)


def test_a_list_may_say_which_codes_were_merged(regions):
    new = RegionRow("410423103000", "汤梁镇", replaces=f"{TOWN} 410423102000")

    done = import_list(rows(new, without=[TOWN, "410423102000"]), as_of=AS_OF, force=True)

    assert done.followed == 2
    assert set(Region.objects.get(code=new.code).predecessors.values_list("code", flat=True)) == {
        TOWN,
        "410423102000",
    }


def test_codes_in_use_stay(regions, station):
    import_list(rows(without=[TOWN]), as_of=AS_OF, force=True)

    assert Organisation.objects.get(pk=station.pk).region.valid_to == date(2026, 10, 30)


def test_a_code_that_comes_back_is_in_force_again(regions):
    import_list(rows(without=[TOWN]), as_of=AS_OF, force=True)

    import_list(rows())

    region = Region.objects.get(code=TOWN)
    assert (region.valid_to, region.successor_id) == (None, None)


def test_a_list_ends_nothing_it_does_not_cover(regions):
    # No villages in the list, so the village stays; no other province either.
    done = import_list(rows(), as_of=AS_OF)

    assert done.ended == 0
    assert Region.objects.get(code=VILLAGE).valid_to is None


def test_a_cut_off_list_is_refused(regions):
    with pytest.raises(RegionListError, match="--force"):
        import_list(rows(without=[TOWN]), as_of=AS_OF)

    assert Region.objects.get(code=TOWN).valid_to is None


def test_a_region_without_its_parent_is_refused(regions):
    with pytest.raises(RegionListError, match="410999001000"):
        import_list([RegionRow("410999001000", "无县镇")])

    assert not Region.objects.filter(code="410999001000").exists()


@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz"])
def test_command_takes_a_file_with_short_codes(regions, tmp_path, name, capsys):
    text = "code,name,replaces\n410423,鲁山县,\n410423103,新镇,\n410423103001,新村,\n410422101,叶镇,\n"
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode("utf-8-sig"))

    call_command("import_regions", str(file), "--villages", "410423")

    assert Region.objects.get(code="410423103001").parent_id == "410423103000"
    assert not Region.objects.filter(code="410422101000").exists()
    assert "新增 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,name\n1,2\n", "code 和 name"),
        ("code,name\n41042,鲁山县\n", "第 2 行"),
        ("code,name\n４１０４,鲁山县\n", "第 2 行"),
        ("code,name\n410423,\n", "名称为空"),
        ("code,name\n410423," + "长" * 61 + "\n", "超过 60 个字"),
    ],
)
def test_command_says_which_line_is_wrong(db, tmp_path, text, words):
    file = tmp_path / "list.csv"
    file.write_text(text)

    with pytest.raises(CommandError, match=words):
        call_command("import_regions", str(file))


def test_command_says_when_villages_are_not_shipped(db):
    with pytest.raises(CommandError, match="没有随附 3301"):
        call_command("import_regions", "--villages", "3301")


def test_read_list_takes_the_old_codes_apart(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("code,name,replaces\n410423103,新镇,410423101 410423102\n")

    (row,) = read_list(file)

    assert row == RegionRow("410423103000", "新镇", "410423101000 410423102000")
