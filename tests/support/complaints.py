"""Files complaints for tests, the way the pages do."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.accounts.queries import has_officials
from civic.bodies.models import Body, Category
from civic.complaints import filing
from civic.complaints.models import Complaint
from civic.complaints.states import AppealKind
from civic.core.clock import utc_now
from civic.places.models import City
from tests.support.people import People


class Filed:
    """Calling it files one complaint and commits. What is not said is believable."""

    def __init__(self, session: Session, city: City, people: People) -> None:
        self.session, self.city, self.people = session, city, people

    def category(self, code: str | None = None) -> Category:
        """The category with this code; without one the first leaf that asks for no photo after."""
        query = select(Category).order_by(Category.position, Category.id)
        query = query.where(Category.code == code) if code else query.where(Category.parent_id.is_not(None), ~Category.wants_after_photo, ~Category.danger)
        found = self.session.scalars(query).first()
        assert found is not None, f"no category {code}"
        return found

    def __call__(self, *, text: str = "Аулада жарық жанбайды, балалар қараңғыда жүреді.", by: User | Contact | None = None,
                 category: str | None = None, body: Body | None = None, lat: float | None = None, lon: float | None = None,
                 address: str = "Тәуке хан даңғылы, 12", kind: AppealKind = AppealKind.NOTICE, private: bool = False,
                 show_name: bool = False, name: str = "Айгүл Серікқызы", city: City | None = None, at: datetime | None = None) -> Complaint:
        """A registered complaint. body: moved there outright when given; a body without people gets one official,
        so that complaints stay with it."""
        city, at = city or self.city, at or utc_now()
        contact = by.contact if isinstance(by, User) else by
        contact = contact or self.people.contact()
        draft = filing.new_draft(self.session, city, contact.locale, at)
        filing.set_place(self.session, draft, city, lat=lat, lon=lon, address=address, district_id=None)
        filing.set_matter(self.session, draft, category_id=self.category(category).id, text=text, kind=kind,
                          show_name=show_name, private=private, name=name)
        complaint = filing.register(self.session, draft, contact, at)
        if body is not None:
            complaint.body_id = body.id
        if not has_officials(self.session, complaint.body_id):
            self.people.official(self.session.get_one(Body, complaint.body_id))
        self.session.commit()
        return complaint
