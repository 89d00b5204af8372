"""Minutes of a discussion: written together, every version kept; recording, materials, who came."""

from typing import Any

from sqlalchemy import select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, and what pages of events show of minutes."""
    # each module of pages gives its addresses to the one blueprint when it is imported
    from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS
    from civic.events.models import Event
    from civic.minutes import organiser_views, tasks, views
    from civic.minutes.blueprint import bp
    from civic.minutes.models import Minutes

    app.register_blueprint(bp)
    hooks: tuple[tuple[list[Any], Any], ...] = ((EVENT_BLOCKS, views.event_block), (TOOLS, organiser_views.offer))
    for hook, mine in hooks:
        if mine not in hook:  # an application is made several times in tests
            hook.append(mine)
    EVENT_STAMPS["minutes"] = select(Minutes.version).where(Minutes.event_id == Event.id)
    tasks.register(app.extensions["civic_queue"], app.settings.media)
