"""Invented people and what they say, drawn from a case's own number, so that every machine gets the same.

Order number 000 is never given out, so no living person has one of these ID numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cases.forms.identity import check_character

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "秀英桂兰玉珍凤霞红梅丽娟春花淑芬素云爱琴小燕雪晴思雨佳慧敏静巧翠莲菊香荣芳艳萍莉倩婷婉柔欣怡晓彤诗涵"
    "建国志强永胜德福金宝大勇海涛卫东长江铁柱保民新军学文立伟光辉国庆占山春生满仓有财喜旺来顺进才全忠守义"
)
PLACES = (
    "院里",
    "灶房",
    "村口",
    "地头",
    "集上",
    "卫生所门口",
    "学校外面",
    "娘家",
    "租住的屋里",
    "镇上",
    "厂里",
    "路边",
)
WHEN = (
    "前天夜里", "上个月初", "今年麦收时", "去年腊月", "中秋节那天", "上周三傍晚", "孩子开学前", "过年回家时",
    "这半年来", "三月里", "前两天中午", "结婚第二年起", "生下二胎以后", "他外出打工回来", "公公去世后", "分家以后",
)  # fmt: skip
KIN = (
    "丈夫",
    "前夫",
    "婆婆",
    "公公",
    "大伯子",
    "小叔子",
    "继父",
    "男友",
    "雇主",
    "房东",
    "邻居",
    "班主任",
    "车间主任",
    "二姨",
    "堂兄",
)
THINGS = (
    "彩礼", "宅基地", "承包地", "抚养费", "存折", "嫁妆", "工资卡", "手机", "低保", "户口本", "出生证明", "土地补偿款",
    "分红", "产假工资", "社保", "欠条", "三轮车", "耕牛", "结婚证", "住院票据",
)  # fmt: skip
SENTENCES = (
    "{when}，{kin}在{place}为了{thing}的事同她吵了起来。",
    "她说{kin}喝了酒就摔东西，{when}还把门锁了不让她进。",
    "{when}她到{village}找过调解的人，当时说好了，过后又变了卦。",
    "{kin}扣着她的{thing}，说要钱就去法院。",
    "孩子在{village}小学读书，{when}起一直由她的母亲接送。",
    "她手臂上有一块青紫，在{place}拍了照片，留在手机里。",
    "村里按户分{thing}，说她嫁出去了，没有她的名字。",
    "她一个人带两个孩子，在{village}租了一间房，一个月{amount}元。",
    "{kin}说过，再告就让她在{village}待不下去。",
    "{when}她报过一次警，派出所来人劝了几句，没有立案。",
    "借条写的是{amount}元，{kin}只认一半。",
    "她想离婚，又怕{thing}和孩子都落不到自己手里。",
    "厂里说她怀孕了就调岗，{when}把她的{thing}停了。",
    "{kin}把孩子带走了，电话不接，她到{place}等了三天。",
    "她公开说自己并不要求惩罚谁，只要{thing}有个说法。",
    "邻居可以作证，{when}那一次，{kin}当着大家的面动了手。",
    "她到过{village}的老屋，里面的东西已经搬空了。",
    "她前后花了{amount}元看病，票据都在。",
    "信里附了{thing}的复印件，字迹看不太清楚。",
    "她说自己识字不多，材料是{village}的一位老师帮着写的。",
    "{kin}这几年在外面有了别人，{when}把人带到了{place}。",
    "法院判过每月给{amount}元，{when}以后一分也没有给。",
    "她担心女儿，女儿{when}从{place}回来后不肯说话。",
    "她说不愿让{kin}知道她来过，回电请打她姐姐的号码。",
    "双方家里在{village}谈过两回，{thing}的数目始终谈不拢。",
    "她说话时哭了几次，情绪还算平稳，愿意等回复。",
    "{kin}答应写保证书，{when}写了一张，第二天又撕了。",
    "{village}的干部说这是家务事，让她回去好好过日子。",
    "她患有慢性病，{when}又在{place}摔了一跤，干不了重活。",
    "老人住在{village}，三个儿子轮流管饭，轮到{kin}就没有人管。",
)
DEMANDS = (
    "请帮助协调{thing}的事。", "希望有人和{kin}谈一谈，不要再动手。", "想知道离婚要什么手续，孩子归谁。",
    "要求{kin}归还{thing}。", "请转有关部门依法处理。", "想申请法律援助和临时住处。",
)  # fmt: skip
SERVICES = (
    "在{place}见了双方，谈了一个多小时。",
    "电话联系{kin}，对方同意到站里来。",
    "陪同到{village}了解情况。",
)
SHORTEST = 300
FIRST_BIRTH = date(1950, 1, 1)
BIRTH_DAYS = 21_900
FIRST_PHONE = 19_900_000_000


@dataclass(frozen=True)
class Told:
    """What one case says."""

    facts: str
    demand: str
    place: str


def name(random: Random) -> str:
    return random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=1 if random.random() < 0.2 else 2))


def id_number(serial: int, counties: list[str]) -> tuple[str, date]:
    """The `serial`-th number there is, and the day of birth in it."""
    county, day = divmod(serial, BIRTH_DAYS)
    born = FIRST_BIRTH + timedelta(days=day)
    body = f"{counties[county % len(counties)]}{born:%Y%m%d}000"
    return body + check_character(body), born


def phone(serial: int) -> str:
    return str(FIRST_PHONE + serial)


def sentence(random: Random, frames: tuple[str, ...], villages: list[str]) -> str:
    return random.choice(frames).format(
        when=random.choice(WHEN),
        kin=random.choice(KIN),
        place=random.choice(PLACES),
        thing=random.choice(THINGS),
        amount=random.randrange(3, 999) * 100,
        village=random.choice(villages),
    )


def story(random: Random, villages: list[str]) -> Told:
    """Between 300 and 600 characters of facts, and a demand."""
    wanted = random.randrange(SHORTEST, 2 * SHORTEST - 40)
    parts: list[str] = []
    while sum(map(len, parts)) < wanted:
        parts.append(sentence(random, SENTENCES, villages))
    return Told("".join(parts), sentence(random, DEMANDS, villages), random.choice(villages))
