"""PechaKucha Night: talks of twenty pictures, twenty seconds each, shown by the clock."""

from sqlalchemy import func, select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS
    from civic.events.models import Event
    from civic.events.tasks import ON_ANNOUNCEMENT
    from civic.stage import organiser_views, presenter_views, service, tasks
    from civic.stage.models import Talk

    app.register_blueprint(organiser_views.bp)
    app.register_blueprint(presenter_views.bp)
    if organiser_views.offer not in TOOLS:
        TOOLS.append(organiser_views.offer)
        EVENT_BLOCKS.append(organiser_views.on_event_page)
        ON_ANNOUNCEMENT.append(service.look_at_talks)
    EVENT_STAMPS["stage"] = select(func.sum(Talk.id * (Talk.position + 1)) * 1000 + func.sum(Talk.revision)).where(Talk.event_id == Event.id)
    tasks.register(app.extensions["civic_queue"], app.settings.media)
