"""Invented people. All are named after herbs and the seasons of the farming year, so that nobody takes them for real;
the order number 000 in their ID numbers is never given out, and their telephone numbers belong to nobody."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from random import Random

from cases.choices import Sex

SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
)
WOMEN = (
    "半夏", "白芷", "辛夷", "忍冬", "连翘", "佩兰", "紫苏", "青黛", "杜若", "茯苓", "当归", "百合", "玉竹", "合欢", "木香", "茜草",
    "木槿", "谷雨", "小满", "白露", "寒露", "清明", "霜降", "小雪", "立秋", "春分", "夏至", "处暑", "芒种", "冬葵", "雪见", "艾叶",
)  # fmt: skip
MEN = (
    "石楠", "杜仲", "远志", "南星", "决明", "苍术", "景天", "沉香", "商陆", "地榆", "常山", "巴戟", "松节", "柏实", "桑白", "川贝",
)  # fmt: skip
CHILDREN = ("豆蔻", "麦冬", "荷叶", "枣仁", "莲子", "青果", "山药", "桑葚", "甘草", "陈皮")
# Staff have names of another kind, so that a search for a petitioner never finds a colleague.
STAFF = (
    "望舒", "晴川", "星河", "听雨", "知秋", "怀瑾", "若水", "云舒", "闻笛", "问渠", "临风", "泊舟", "疏影", "映雪", "倚云", "凌波",
    "枕流", "踏歌", "揽月", "观澜", "扶光", "鸣珂", "栖迟", "流萤",
)  # fmt: skip
OTHER_ETHNICITIES = ("03", "03", "11", "02")


@dataclass(frozen=True)
class Trait:
    """Who comes with such a matter: ages, and what else is likely."""

    sex: Sex
    ages: tuple[int, int]
    marital: tuple[str, ...] = ("20",)
    occupations: tuple[str, ...] = ("FARM", "WORKER", "SELF", "HOME")
    characteristics: tuple[str, ...] = ("", "", "LEFT_BEHIND_WOMAN", "RETURNED", "POOR")
    children: tuple[int, int] = (4, 12)


WHO: dict[str, Trait] = {
    "wife": Trait(Sex.FEMALE, (24, 52), ("20", "20", "22")),
    "mother": Trait(Sex.FEMALE, (25, 44), ("20", "40"), characteristics=("", "SINGLE_PARENT", "MIGRANT")),
    "daughter_in_law": Trait(Sex.FEMALE, (24, 40), characteristics=("LEFT_BEHIND_WOMAN",)),
    "young": Trait(Sex.FEMALE, (19, 29), ("10",), ("WORKER", "STAFF", "FLEX", "SELF"), ("", "", "MIGRANT")),
    "worker": Trait(Sex.FEMALE, (24, 52), ("20", "40"), ("WORKER", "FLEX"), ("MIGRANT", "RETURNED", "")),
    "villager": Trait(Sex.FEMALE, (28, 60), ("20", "40"), ("FARM", "SELF"), ("", "MARRIED_OUT", "POOR")),
    "widow": Trait(Sex.FEMALE, (33, 58), ("30",), ("FARM", "WORKER"), ("WIDOWED", "WIDOWED", "POOR")),
    "elder": Trait(Sex.FEMALE, (64, 82), ("30", "20"), ("FARM", "RETIRED"), ("ELDERLY",)),
    "grandmother": Trait(Sex.FEMALE, (56, 72), ("20", "30"), ("FARM",), ("ELDERLY", ""), (6, 14)),
    "teacher": Trait(Sex.FEMALE, (24, 50), ("20", "10"), ("TEACHER",), ("",), (4, 12)),
}


@dataclass(frozen=True)
class Identity:
    """One invented person, the same wherever she turns up."""

    number: int
    name: str
    sex: Sex
    born: date
    id_number: str
    phone: str
    ethnicity: str
    education: str
    marital: str
    occupation: str
    characteristic: str


class Register:
    """Hands out people: no name twice, no number twice, the same ones for the same seed."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._women = _shuffled(rng, SURNAMES, WOMEN)
        self._men = _shuffled(rng, SURNAMES, MEN)
        self._children = _shuffled(rng, SURNAMES, CHILDREN)
        self._phones = 0
        self._id_numbers: set[str] = set()

    def petitioner(self, who: str, county_code: str, on: date) -> Identity:
        trait, rng = WHO[who], self._rng
        born = on - timedelta(days=rng.randint(trait.ages[0] * 366, trait.ages[1] * 365))
        id_number = make_id_number(county_code, born)
        while id_number in self._id_numbers:
            born += timedelta(days=1)
            id_number = make_id_number(county_code, born)
        self._id_numbers.add(id_number)
        return Identity(
            number=len(self._id_numbers),
            name=self._women.pop(),
            sex=trait.sex,
            born=born,
            id_number=id_number,
            phone=self.phone(),
            ethnicity="01" if rng.random() < 0.95 else rng.choice(OTHER_ETHNICITIES),
            education=rng.choice(("60", "70", "70", "80", "30") if born.year > 1975 else ("70", "80", "81")),
            marital=rng.choice(trait.marital),
            occupation=rng.choice(trait.occupations),
            characteristic=rng.choice(trait.characteristics),
        )

    def man(self) -> str:
        return self._men.pop()

    def child(self) -> str:
        return self._children.pop()

    def phone(self) -> str:
        self._phones += 1
        return f"1990000{self._phones:04d}"


def without_papers(person: Identity) -> Identity:
    """The same person who has not shown her card."""
    return replace(person, id_number="")


def make_id_number(county_code: str, born: date) -> str:
    """A number whose check digit is right (GB 11643) and which no living person has: order number 000."""
    body = f"{county_code}{born:%Y%m%d}000"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def staff_names(rng: Random) -> list[str]:
    return _shuffled(rng, SURNAMES, STAFF)


def _shuffled(rng: Random, surnames: tuple[str, ...], given: tuple[str, ...]) -> list[str]:
    names = [surname + name for surname, name in product(surnames, given)]
    rng.shuffle(names)
    return names
