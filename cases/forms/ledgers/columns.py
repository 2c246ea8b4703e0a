"""The columns an old ledger may have, under the names the offices give them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """What a column becomes. `names` are the heads under which it is met, without signs and brackets."""

    code: str
    label: str
    names: tuple[str, ...]
    required: bool = False


def _t(code: str, label: str, names: str, *, required: bool = False) -> Target:
    return Target(code, label, (label, *names.split()), required)


TARGETS = (
    _t("number", "原编号", "编号 序号 登记号 受理编号 序号编号 案件编号 号"),
    _t(
        "received",
        "登记日期",
        "登记日期时间 登记时间 日期 时间 来访日期 来访时间 接访日期 接访时间 受理日期 受理时间 收件日期 来信日期 来电时间 来电日期",
        required=True,
    ),
    _t("form", "信访形式", "形式 来访形式 来源 方式 信访方式 类型 渠道"),
    _t("occurrence", "初重信", "初重 初访重访 是否重复 初信重信 初次重复"),
    _t("name", "姓名", "信访人 来访人 信访人姓名 来访人姓名 来电人 当事人 反映人 申请人 来电人称谓"),
    _t("sex", "性别", ""),
    _t("age", "年龄", "岁数 周岁"),
    _t("ethnicity", "民族", ""),
    _t("education", "文化程度", "学历 文化"),
    _t("marital", "婚姻状况", "婚姻 婚否"),
    _t("occupation", "职业", "工作"),
    _t("id_number", "身份证号", "身份证号码 证件号码 身份证 公民身份号码 证件号"),
    _t("address", "住址", "家庭住址 地址 现住址 家庭地址 居住地 住所"),
    _t("phone", "联系电话", "电话 手机 手机号 联系方式 手机号码 来电号码 电话号码"),
    _t("persons", "人数", "来访人数 批次人数 涉及人数"),
    _t("companions", "随访人及关系", "随访人 同来人员 陪同人员"),
    _t("characteristics", "特殊群体", "人员类别 群体"),
    _t("respondent", "被反映人及关系", "被反映人 对方 对方姓名 被投诉人 加害人 施暴人"),
    _t(
        "facts",
        "反映问题",
        "反映问题摘要 问题 内容 事由 来访事由 主要内容 反映内容 反映的问题 内容摘要 基本情况 主要事实 情况",
        required=True,
    ),
    _t("demand", "主要诉求", "诉求 要求"),
    _t("category", "问题类别", "问题类别一级二级 类别 分类 问题分类 案件类型 问题类型 案件性质"),
    _t("place", "发生地点", "地点 事发地"),
    _t("handled", "是否经行政处理", "行政处理"),
    _t("litigation", "是否经诉讼", "是否诉讼 诉讼"),
    _t("dv", "是否家暴", "家暴 是否家庭暴力"),
    _t("minor", "是否涉未成年人", "涉未成年人 是否未成年人"),
    _t("risk", "危险等级", "风险等级 等级"),
    _t("receiver", "接待人", "接访人 接线员 登记人 受理人"),
    _t("instruction", "领导批示", "批示"),
    _t("method", "办理方式", "处理方式"),
    _t("handler", "承办单位/人", "承办单位人 承办人 承办单位 经办人"),
    _t("referred", "转办去向", "转办单位 转交单位 转介"),
    _t("due", "办理期限", "期限"),
    _t("progress", "办理情况", "处理情况 办理过程 处理过程 解答"),
    _t("result", "办理结果", "处理结果 结果 办结情况"),
    _t("ended", "办结日期", "办结时间 结案日期 结案时间"),
    _t("replied", "反馈日期", "答复日期 反馈时间"),
    _t("satisfaction", "满意度", "是否满意"),
    _t("visit", "回访情况", "回访"),
    _t("archive", "归档号", "档号"),
    _t("remark", "备注", "说明"),
)
BY_CODE = {target.code: target for target in TARGETS}


def plain(title: str) -> str:
    """Without blanks and line breaks, in half width: as a head is shown and remembered."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", title))


def _bare(title: str) -> str:
    """Without signs, and without what stands in brackets after a name."""
    text = plain(title)
    return re.sub(r"[^\w]", "", re.sub(r"(?<=.)\(.*?\)", "", text)) or re.sub(r"[^\w]", "", text)


_KNOWN = {_bare(name): target.code for target in reversed(TARGETS) for name in target.names}


def recognised(titles: Iterable[str]) -> int:
    """How many of these are heads of a ledger."""
    return len({_KNOWN[bare] for title in titles if (bare := _bare(title)) in _KNOWN})


def propose(titles: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int]:
    """Which column each target is: as this unit said before, else by the name, the first of two alike."""
    found: dict[str, int] = {}
    for at, title in enumerate(titles):
        code = remembered.get(title) or _KNOWN.get(_bare(title), "")
        if code in BY_CODE and code not in found:
            found[code] = at
    return found
