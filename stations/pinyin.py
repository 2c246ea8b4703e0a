"""Sort keys: Chinese names in pinyin order, the way a roll call is read."""

from typing import Any

from django.db import models
from pypinyin import lazy_pinyin

# Characters that read differently as a surname; the library gives the everyday reading.
SURNAMES = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "翟": "zhai", "查": "zha", "区": "ou", "朴": "piao",
    "任": "ren", "华": "hua", "覃": "qin", "盖": "ge", "乐": "yue", "员": "yun", "尹": "yin", "黑": "he",
    "折": "she", "种": "chong", "召": "shao", "缪": "miao", "宓": "mi", "冼": "xian", "逄": "pang",
    "燕": "yan", "葛": "ge", "宁": "ning", "牟": "mou", "晟": "cheng", "秘": "bi",
    "祭": "zhai", "繁": "po", "句": "gou",
    "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai", "鲜于": "xian yu",
    "单于": "chan yu", "令狐": "ling hu", "宰父": "zai fu", "亓官": "qi guan", "尔朱": "er zhu",
}  # fmt: skip


def sort_key(name: str) -> str:
    """'单秀英' → 'shan xiu ying': surname first, one syllable a character, lower case."""
    for length in (2, 1):
        surname = name[:length]
        if surname in SURNAMES:
            return " ".join([SURNAMES[surname], *lazy_pinyin(name[length:])]).strip().lower()
    return " ".join(lazy_pinyin(name)).lower()


class SortKeyField(models.CharField):
    """Keeps the sort key of a neighbouring field, written on every save and bulk insert."""

    def __init__(self, *args: Any, source: str = "name", **kwargs: Any) -> None:
        self.source = source
        kwargs.setdefault("max_length", 300)
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = sort_key(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key
