"""What the moderators of the demonstration have before them: a flagged text, one that the rules found, an appeal, a restored
text, votes that look bought."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.complaints.models import Complaint, Support
from civic.core.actor import Actor
from civic.demo.people import Cast, acting
from civic.demo.story import Step, Story
from civic.limits import votes
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.subjects import Thing, load

TURAN = "turan"
STORIES = (
    Story("waste.street", (42.3391, 69.5213), "Самал-2 ықшамауданы, 8-үй", TURAN,
          "Контейнерлер алаңы апта бойы тазаланбай тұр. Кіреберіс кілтін менен алуға болады, телефоным 87010000000, кешке үйдемін.",
          ago=1, at="19:20", by="Нұргүл Сапарова", key="phone"),
    Story("roads.pothole", (42.3447, 69.5359), "Сайрам көшесі, 31-үй", TURAN,
          "Шұңқырды үш рет жамады, үшеуінде де бір айға жетпей ойылды. Осыны қабылдап алған басшы кім, сол жауап берсін!",
          ago=6, at="08:50", by="Ермек Досанов", supporters=11, key="sharp", steps=(Step("accept", 4, "Мердігер кепілдік бойынша жолды қайта жөндейді."),)),
    Story("waste.street", (42.3408, 69.5301), "Рысқұлов көшесі, 52-үй", TURAN,
          "Аулаға құрылыс қоқысын төгіп кеткен көршім – 15-пәтердегі Қанат Жұмабеков, күнде осылай жасайды.",
          ago=8, at="12:05", by="Роза Ибрагимова", key="neighbour"),
    Story("lighting.street", (42.3472, 69.5268), "Тұран ықшамауданы, 5-үй", TURAN,
          "Кіреберістің алдындағы шам сөніп қалғалы бір ай. Көше қараңғы, жұмыстан қорқып қайтамыз. Бұл ұят қой!",
          ago=10, at="21:15", by="Айнұр Мұсаева", key="ashamed"),
)


def judge(session: Session, cast: Cast, now: datetime, tell: Callable[[int, Story], None], by_key: dict[str, Complaint]) -> None:
    """File the complaints and take every step of moderation at its time. ``moderator`` is the second one for what the other hid."""
    for number, story in enumerate(STORIES):
        tell(900 + number, story)
    moderator, colleague, resident = (acting(cast.users[name]) for name in ("moderator", "second-moderator", "resident"))
    restored = _hidden(session, by_key["ashamed"], resident, moderator, now - timedelta(days=8), Reason.INSULT, "")
    service.appeal(session, restored, _author(by_key["ashamed"]), now - timedelta(days=7), text="Мен ешкімді қорлаған жоқпын, шам туралы жаздым.")
    service.resolve(session, restored, colleague, now - timedelta(days=6), restore=True,
                    text="Мәтінде қорлау жоқ: «ұят» деген сөз жұмысқа айтылған. Қайта қойылды.")
    appealed = _hidden(session, by_key["neighbour"], resident, colleague, now - timedelta(days=5), Reason.PERSONAL_DATA, "Көршінің аты-жөні мен пәтері")
    service.appeal(session, appealed, _author(by_key["neighbour"]), now - timedelta(days=4),
                   text="Кім екенін айтпасам, ешкім шара қолданбайды. Әйтпесе атын алып тастап, қалғанын қалдырыңыздар.")
    phone = _thing(session, by_key["phone"])
    service.notice(session, phone, phone.parts, by_key["phone"].registered_at + timedelta(minutes=1))
    _flag(session, _thing(session, by_key["sharp"]), resident, now - timedelta(hours=20), Reason.INSULT, "Басшыға тіл тигізіп отыр")
    _given_by_one_browser(session, by_key["sharp"], now - timedelta(hours=5))


def _thing(session: Session, complaint: Complaint) -> Thing:
    thing = load(session, "complaint", complaint.number)
    assert thing is not None
    return thing


def _given_by_one_browser(session: Session, complaint: Complaint, at: datetime) -> None:
    """The last votes for it look bought: they count until somebody decides."""
    last = session.scalars(select(Support.id).where(Support.complaint_id == complaint.id).order_by(Support.id.desc()).limit(votes.SIGNALS["device"] + 1))
    votes.mark(session, "support", complaint.id, {vote: {"device"} for vote in last}, at)


def _author(complaint: Complaint) -> Actor:
    return Actor(contact_id=complaint.applicant.contact_id)


def _flag(session: Session, thing: Thing, by: Actor, at: datetime, reason: Reason, words: str) -> Case:
    return service.flag(session, thing, by, at, part="text", reason=reason, words=words)


def _hidden(session: Session, complaint: Complaint, flagged_by: Actor, by: Actor, at: datetime, reason: Reason, words: str) -> Case:
    case = _flag(session, _thing(session, complaint), flagged_by, at - timedelta(hours=6), reason, "")
    service.hide(session, case, by, at, parts=["text"], reason=reason, words=words)
    return case
