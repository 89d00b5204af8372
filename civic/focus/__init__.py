"""Public focus groups: consent first, pseudonyms, a transcript by age band and place, and a way out at any time."""

from sqlalchemy import select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, and what shows on those of events."""
    from civic.events import registration_views
    from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS
    from civic.events.models import Event
    from civic.focus import organiser_views, views
    from civic.focus.models import FocusGroup

    app.register_blueprint(views.bp)
    app.register_blueprint(organiser_views.bp)
    if organiser_views.offer not in TOOLS:
        TOOLS.append(organiser_views.offer)
        EVENT_BLOCKS.append(views.on_event_page)
        registration_views.BEFORE_REGISTERING.append(views.consent_first)
        registration_views.ON_TICKET.append(views.on_ticket)
    EVENT_STAMPS["focus"] = select(FocusGroup.published_at).where(FocusGroup.event_id == Event.id)
