"""Invitations of officials to discussions: the letter, the answer, and who came, all on the record."""

from sqlalchemy import func, select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.events import calendar_views as calendars
    from civic.events.blueprint import EVENT_STAMPS
    from civic.events.models import Event
    from civic.events.tasks import ON_ANNOUNCEMENT
    from civic.invitations import (
        calendar_views,
        card_views,
        desk_views,
        letters,
        link_views,
        organiser_views,
        public_words,
        tasks,
        views,
    )
    from civic.invitations.models import Invitation, StrikeRequest

    for module in (calendars, views, link_views, organiser_views, desk_views, calendar_views, card_views):
        app.register_blueprint(module.bp)
    tasks.register(app.extensions["civic_queue"])
    letters.register()
    views.register(app)
    if public_words.look_at_all not in ON_ANNOUNCEMENT:
        ON_ANNOUNCEMENT.append(public_words.look_at_all)
    # each step, and each hiding, makes another version
    EVENT_STAMPS["invitations"] = select(func.sum(Invitation.version)).where(Invitation.event_id == Event.id)
    EVENT_STAMPS["strikes"] = select(func.count()).select_from(StrikeRequest).where(StrikeRequest.event_id == Event.id)
