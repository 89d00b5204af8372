"""What the search knows of a complaint: when it is filed, and when somebody takes words off it or puts them back."""

from datetime import datetime

from sqlalchemy.orm import Session

from civic.complaints.models import Complaint
from civic.core.text import fold
from civic.search import service as search


def searched_words(number: str, address: str, text: str) -> str:
    """What ``Complaint.search`` holds: the number, with its dashes and without, and the words, folded."""
    return fold(f"{number} {number.replace('-', '')} {address} {text}")


def words_changed(session: Session, complaint: Complaint, now: datetime) -> None:
    """After public words of it were changed: the search and the feeds follow."""
    complaint.updated_at = now
    complaint.search = searched_words(complaint.number, complaint.address, complaint.text)
    session.flush()
    search.remove(session, complaint.id)
    search.add(session, complaint.id, complaint.city_id, complaint.category_id, complaint.number, complaint.address, complaint.text)
