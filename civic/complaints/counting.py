"""What is counted when a complaint moves, in the transaction that moves it: the city's figures and the cells of the map."""

from sqlalchemy.orm import Session

from civic.complaints.map_counts import count_move
from civic.complaints.models import Complaint, ComplaintEvent
from civic.figures import service as figures


def count(session: Session, complaint: Complaint, event: ComplaintEvent) -> None:
    """Called once for each step after it is written; ``event`` says where the complaint came from and where it stands."""
    figures.count(session, complaint, event)
    count_move(session, complaint, event.from_state, event.to_state)
