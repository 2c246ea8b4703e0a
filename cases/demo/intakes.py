"""What one intake page says about an invented matter."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from cases.actions.guarding.consent import Ground
from cases.actions.intake import IntakeEntry, PersonEntry, PhoneEntry
from cases.choices import (
    Capacity,
    CaseFlag,
    Channel,
    ConsentBy,
    ConsentWay,
    LegalBasis,
    Occurrence,
    PersonRole,
    PetitionForm,
    PhoneSafety,
    PrivacyNotice,
    Relation,
    Risk,
    Sex,
)
from cases.deadlines import china_date
from cases.demo.people import WHO, Identity, without_papers
from cases.demo.stories import Story, particulars, word
from cases.models import Person

# Anything with these has no other person to name.
NAMELESS = (Relation.ORG, Relation.STRANGER)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Matter:
    """One story with its people and particulars, decided before anything is stored."""

    story: Story
    identity: Identity
    respondent: str
    child: str
    channel: Channel
    form: PetitionForm
    risk: Risk
    persons: int
    village: str
    address: str
    second_phone: str

    @property
    def is_anonymous(self) -> bool:
        return self.form == PetitionForm.ANONYMOUS


def build_entry(
    matter: Matter, known: Person | None, at: datetime, rng: Random, *, again: str = ""
) -> IntakeEntry:
    """The page as the clerk would fill it at `at`; with `again`, the page of a further contact."""
    story = matter.story
    age = rng.randint(*WHO[story.who].children)
    is_boy = rng.random() < 0.5
    told = _filled(matter, rng, age, is_boy)
    channel = _again(matter.channel) if again else matter.channel
    return IntakeEntry(
        submission=UUID(int=rng.getrandbits(128), version=4),
        channel=channel,
        received_at=_received(channel, at, rng),
        category=story.category,
        facts=again or told["facts"],
        demand="" if again else told["demand"],
        place="" if again else told["place"],
        handled_before="" if again else rng.choice(story.before),
        parties=() if again else _parties(matter, known, at, rng, age, is_boy),
        form=matter.form,
        occurrence=_occurrence(known, again),
        nature=story.nature,
        categories=("MAR_DIVORCE",) if story.dv and rng.random() < 0.2 else (),
        flags=_flags(matter, rng),
        involves_dv=story.dv,
        involves_minor=story.minor,
        is_litigation=story.litigation,
        risk=matter.risk,
        persons=matter.persons,
        companions="同村的几位姐妹" if matter.persons > 1 else "",
        privacy_notice=_privacy(matter, channel),
        keep=_ground(matter, channel),
        **_source(channel, rng),
        posted_on=china_date(at) - timedelta(days=rng.randint(2, 5)) if channel == Channel.LETTER else None,
    )


def _ground(matter: Matter, channel: Channel) -> Ground:
    """Whoever is not there is not asked; for a child her mother or grandmother, who brought her, speaks."""
    if matter.is_anonymous or channel in (Channel.LETTER, *Channel.transfers, Channel.MANDATORY_IN):
        return Ground(LegalBasis.STATUTORY_DUTY, ConsentBy.NOBODY, ConsentWay.NONE)
    if matter.story.minor:
        return Ground(LegalBasis.GUARDIAN_CONSENT, ConsentBy.GUARDIAN, ConsentWay.ORAL)
    return Ground()


def _occurrence(known: Person | None, again: str) -> Occurrence:
    if again:
        return Occurrence.CONTINUED
    return Occurrence.REPEAT if known else Occurrence.FIRST


def _filled(matter: Matter, rng: Random, age: int, is_boy: bool) -> dict[str, str]:
    at_work = matter.story.family in ("labour", "harass")
    texts = {
        "facts": matter.story.facts,
        "demand": matter.story.demand,
        "place": rng.choice(word("work_places" if at_work else "places")),
    }
    gaps = particulars(rng, village=matter.village, age=age, is_boy=is_boy)
    return {name: text.format(**gaps) for name, text in texts.items()}


def _again(channel: Channel) -> Channel:
    return Channel.PHONE_OTHER if channel not in Channel.visits else channel


def _received(channel: Channel, at: datetime, rng: Random) -> datetime:
    """Letters lie a day; whoever comes or calls is entered when the talk is over."""
    if channel in (Channel.LETTER, Channel.ONLINE, *Channel.transfers):
        return at - timedelta(hours=rng.randint(3, 20))
    return at - MINUTE * rng.randint(15, 60)


def _source(channel: Channel, rng: Random) -> dict[str, Any]:
    """Who passed it on, and under which number of the year."""
    number = rng.randrange(1, 300)
    match channel:
        case Channel.TRANSFER_UPPER:
            return {"source_unit": "平顶山市妇女联合会", "source_number": f"平妇访转{number}号"}
        case Channel.TRANSFER_XINFANG:
            return {"source_unit": "市信访局", "source_number": f"平信转{number}号"}
        case Channel.TRANSFER_DEPT:
            return {"source_unit": "派出所", "source_number": f"公告抄{number}号"}
        case Channel.MANDATORY_IN:
            return {"source_unit": "学校", "source_person": "值班老师"}
    return {}


def _flags(matter: Matter, rng: Random) -> tuple[str, ...]:
    flags = []
    if matter.risk == Risk.RED:
        flags.append(CaseFlag.URGENT)
    if matter.story.family == "harass" and rng.random() < 0.5:
        flags.append(CaseFlag.SECRET_IDENTITY)
    if matter.channel == Channel.MEDIA:
        flags.append(CaseFlag.MEDIA)
    return tuple(flags)


def _privacy(matter: Matter, channel: Channel) -> PrivacyNotice:
    if matter.is_anonymous or channel == Channel.LETTER:
        return PrivacyNotice.NOT_POSSIBLE
    if matter.risk == Risk.RED:
        return PrivacyNotice.LATER
    return PrivacyNotice.WRITTEN if channel in Channel.visits else PrivacyNotice.ORAL


# -- people ---------------------------------------------------------------------------------------


def _parties(
    matter: Matter, known: Person | None, at: datetime, rng: Random, age: int, is_boy: bool
) -> tuple[PersonEntry, ...]:
    if matter.is_anonymous:
        return (PersonEntry(role=PersonRole.PETITIONER),)
    parties = [_petitioner(matter, known, rng)]
    if matter.story.child:
        parties.append(_child(matter, china_date(at), age, is_boy))
    if matter.story.relation:
        nameless = matter.story.relation in NAMELESS
        parties.append(
            PersonEntry(
                role=PersonRole.RESPONDENT,
                name="" if nameless else matter.respondent,
                relation=matter.story.relation,
            )
        )
    return tuple(parties)


def _petitioner(matter: Matter, known: Person | None, rng: Random) -> PersonEntry:
    who = matter.identity
    # Over the telephone nobody reads out a card.
    who = who if matter.channel in Channel.visits or known else without_papers(who)
    return PersonEntry(
        role=PersonRole.PETITIONER,
        name=who.name,
        id_number=who.id_number,
        birth_date=who.born,
        sex=who.sex,
        ethnicity=who.ethnicity,
        education=who.education,
        marital=who.marital,
        occupation=who.occupation,
        characteristics=(who.characteristic,) if who.characteristic else (),
        address_now=f"{matter.address}{rng.randint(1, 199)}号",
        address_papers=f"{matter.address}妇联主席转交" if matter.story.dv else "",
        phones=_phones(matter, rng),
        known=known,
    )


def _phones(matter: Matter, rng: Random) -> tuple[PhoneEntry, ...]:
    own = PhoneEntry(matter.identity.phone)
    if not matter.story.dv:
        return (own,)
    careful = replace(
        own,
        safety=PhoneSafety.ASK_FIRST,
        hide_caller=True,
        window=rng.choice(word("windows")),
        pass_phrase=rng.choice(word("phrases")),
    )
    home = PhoneEntry(matter.second_phone, safety=PhoneSafety.UNSAFE, remark="家里共用的电话")
    return (careful, home)


def _child(matter: Matter, today: date, age: int, is_boy: bool) -> PersonEntry:
    return PersonEntry(
        role=PersonRole.VICTIM,
        name=matter.child,
        birth_date=today - timedelta(days=age * 366 + 40),
        sex=Sex.MALE if is_boy else Sex.FEMALE,
        capacity=Capacity.NONE if age < 8 else Capacity.LIMITED,
        characteristics=("MINOR",),
        occupation="STUDENT" if age > 6 else "",
    )
