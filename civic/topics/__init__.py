"""Growing piles of complaints as topics of discussions, and the complaints that discussions carry."""

from sqlalchemy import func, select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, the command, and what the pages of events show."""
    from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS
    from civic.events.models import Event
    from civic.topics import cli, tasks, views
    from civic.topics.models import EventComplaint, EventTopic

    app.register_blueprint(views.bp)
    app.cli.add_command(cli.topics_cli)
    if views.block not in EVENT_BLOCKS:
        EVENT_BLOCKS.append(views.block)
        TOOLS.append(views.offer)
    EVENT_STAMPS["topics"] = select(func.count()).select_from(EventTopic).where(EventTopic.event_id == Event.id)
    EVENT_STAMPS["complaints"] = select(func.count()).select_from(EventComplaint).where(EventComplaint.event_id == Event.id)
    tasks.register(app.extensions["civic_queue"])
