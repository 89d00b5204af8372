"""What the law's terms and procedures allow on a given day: the one place for it, for the desk that offers and the service that acts."""

from datetime import date

from civic.bodies.models import Category
from civic.complaints.models import Complaint
from civic.complaints.states import FORWARDING_DAYS, HEARING_NOTICE_DAYS, PROCEDURES, RETURNING_DAYS
from civic.core.errors import DomainError
from civic.core.working_days import WorkCalendar


class TermPassed(DomainError):
    """The law's term for this step has run out, or its day has not come yet."""

    code = "term_passed"


class StepNotInProcedure(DomainError):
    """The law has no such step for this kind of appeal or category."""

    code = "not_in_procedure"


def due_date(complaint: Complaint, calendar: WorkCalendar) -> date:
    """The last day of the term: of an extension its date, else so many working days (article 76); never a day off."""
    if complaint.term_until is not None:
        return calendar.on_or_after(complaint.term_until)
    return calendar.add(complaint.term_from, complaint.term_days)


def refusal(step: str, complaint: Complaint, category: Category, today: date, calendar: WorkCalendar) -> DomainError | None:
    """Why the law does not allow ``step`` (a transition's name) today; None when it does."""
    procedure = PROCEDURES[complaint.kind]
    if complaint.disputes >= 2 and step in ("extend", "forward"):
        return StepNotInProcedure(action=step)  # with the body above it is a complaint: 20 days, not extended, not sent back down (article 99)
    if step == "forward" and today > calendar.add(complaint.arrived_on, FORWARDING_DAYS):
        return TermPassed(days=FORWARDING_DAYS)  # article 65
    if step == "return":
        if category.danger:
            return StepNotInProcedure(action="return_danger")  # article 64(7-2)
        if today > calendar.add(complaint.arrived_on, RETURNING_DAYS):
            return TermPassed(days=RETURNING_DAYS)  # article 64(7)
    if step == "extend":
        if not procedure.extendable or complaint.term_until is not None:
            return StepNotInProcedure(action="extend")  # article 99; once only
        if today > complaint.due_on:
            return TermPassed(days=complaint.term_days)
    if step == "hold_hearing" and not procedure.hearing:
        return StepNotInProcedure(action="hold_hearing")  # article 73(2)
    if step == "answer" and complaint.hearing_on is not None and today < complaint.hearing_on:
        return TermPassed(days=HEARING_NOTICE_DAYS)  # article 73(1)
    return None
