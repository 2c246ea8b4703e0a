"""Opinions on a petition. Source: 信访工作条例 (2022) 第32、35、36条."""

from typing import Any

from cases.choices import DocType
from cases.documents.kinds.about import About, DocKind, demand_of, facts_of, petitioner, told_day
from cases.documents.kinds.notices import PROOF
from cases.documents.layout import Free, Head, Layout, Para, Seal
from cases.models import Closure, IssuedDocument
from stations.choices import AdminLevel
from stations.models import Organisation

# One level up, and how that level is called where its federation is not in the system.
_UPPER = {
    AdminLevel.VILLAGE: AdminLevel.TOWNSHIP,
    AdminLevel.TOWNSHIP: AdminLevel.COUNTY,
    AdminLevel.COUNTY: AdminLevel.CITY,
}


def reviewing_body(unit: Organisation) -> str:
    """Where she may ask for review: the unit above the one that decided."""
    if unit.parent:
        return unit.parent.name
    upper = _UPPER.get(unit.level)
    if upper is None:
        return "上一级妇女联合会"
    above = Organisation.objects.federation_of(unit.region_id[: upper.digits])
    return above.name if above else "上一级妇女联合会"


def _opinion(about: About) -> dict[str, Any]:
    case = about.matter
    closure = Closure.objects.filter(case=case).order_by("-proposed_at").first()
    right = (
        "如不服本处理意见，可以自收到本意见书之日起30日内，向{body}提出复查申请。"
        "逾期不申请的，各级机关不再受理同一事实和理由的投诉请求。"
    )
    return {
        "petitioner": petitioner(case),
        "case_number": case.number,
        "word": "处理" if case.own_power else "答复",
        "demand": demand_of(case) or "　",
        "found": facts_of(case),
        "opinion": closure.solution if closure else "",
        "right": right.format(body=reviewing_body(about.unit))
        if case.own_power
        else f"如对本答复有不同意见，可以向我们或者{reviewing_body(about.unit)}反映。",
    }


def _earlier(about: About, *kinds: DocType) -> IssuedDocument | None:
    papers = IssuedDocument.objects.standing().for_lists()
    return (
        papers.filter(case=about.case, doc_type__in=kinds).select_related("unit").order_by("-made_at").first()
    )


def _review(about: About, *kinds: DocType, right: str) -> dict[str, Any]:
    before = _earlier(about, *kinds)
    return {
        "petitioner": petitioner(about.matter),
        "original": f"{before.unit.name}{before.number}" if before else "　　　　　　",
        "original_on": told_day(before.made_at if before else None),
        "asked": "　　年　月　日",
        "grounds": demand_of(about.matter) or "　",
        "found": "",
        "result": "□维持　□变更　□撤销并重新处理：",
        "right": right,
    }


def _first_review(about: About) -> dict[str, Any]:
    body = reviewing_body(about.unit)
    right = f"如不服本复查意见，可以自收到本意见书之日起30日内，向{body}提出复核申请。"
    return _review(about, DocType.OPINION, right=right)


def _recheck(about: About) -> dict[str, Any]:
    right = (
        "本意见为信访终结意见。依照《信访工作条例》第三十六条第三款，对本意见不服，仍然以同一事实和理由提出投诉请求的，"
        "各级党委和政府信访部门及其他机关、单位不再受理。"
    )
    return _review(about, DocType.REVIEW_OPINION, right=right)


def _decided(title: str, first: str) -> Layout:
    return Layout(
        title,
        (
            Para(first),
            Head("一、申请理由"),
            Free("grounds", "申请理由"),
            Head("二、查明的情况"),
            Free("found", "查明的情况"),
            Head("三、意见"),
            Free("result", "维持、变更或者撤销"),
            Para("{right}"),
            Seal(),
            PROOF,
        ),
        addressee="{petitioner}",
    )


OPINIONS = {
    DocType.OPINION: DocKind(
        Layout(
            "信访事项{word}意见书",
            (
                Para("您反映的事项（案号{case_number}）已办理，现将{word}意见告知如下。"),
                Head("一、您的请求"),
                Free("demand", "请求"),
                Head("二、查明的情况"),
                Free("found", "查明的情况"),
                Head("三、{word}意见和依据"),
                Free("opinion", "意见：支持、解释疏导或者不予支持；法律依据"),
                Para("{right}"),
                Seal(),
                PROOF,
            ),
            addressee="{petitioner}",
        ),
        _opinion,
    ),
    DocType.REVIEW_OPINION: DocKind(
        _decided(
            "信访事项复查意见书",
            "您不服{original}（{original_on}），于{asked}向我们申请复查。现将复查意见告知如下。",
        ),
        _first_review,
    ),
    DocType.RECHECK_OPINION: DocKind(
        _decided(
            "信访事项复核意见书",
            "您不服{original}（{original_on}），于{asked}向我们申请复核。现将复核意见告知如下。",
        ),
        _recheck,
    ),
}
