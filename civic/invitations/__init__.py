"""Invitations of officials to discussions: the letter, the answer, and who came, all on the record."""

from sqlalchemy import func, select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.events import calendar_views as calendars
    from civic.events.blueprint import EVENT_STAMPS
    from civic.events.models import Event
    from civic.invitations import calendar_views, card_views, desk_views, letters, link_views, organiser_views, tasks, views
    from civic.invitations.models import Invitation, InvitationEvent, StrikeRequest

    for module in (calendars, views, link_views, organiser_views, desk_views, calendar_views, card_views):
        app.register_blueprint(module.bp)
    tasks.register(app.extensions["civic_queue"])
    letters.register()
    views.register(app)
    EVENT_STAMPS["invitations"] = (select(func.max(InvitationEvent.id)).join(Invitation, Invitation.id == InvitationEvent.invitation_id)
                                   .where(Invitation.event_id == Event.id))
    EVENT_STAMPS["strikes"] = select(func.count()).select_from(StrikeRequest).where(StrikeRequest.event_id == Event.id)
