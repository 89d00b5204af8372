"""What officials promised at discussions, with who, what and by when, and what came of it."""

from typing import Any

from sqlalchemy import func, select

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, and what other pages show of promises."""
    # each module of pages gives its addresses to the one blueprint when it is imported
    from civic.complaints import tracking_views as tracking
    from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS
    from civic.events.models import Event
    from civic.figures.views import BODY_BLOCKS
    from civic.places import views as places
    from civic.promises import blocks, desk_views, letters, organiser_views, step_views, tasks, views  # noqa: F401
    from civic.promises.blueprint import bp
    from civic.promises.models import Promise
    from civic.web.navigation import OWN_WAYS

    app.register_blueprint(bp)
    tracking.DISCUSSED = blocks.of_complaint
    pairs: tuple[tuple[list[Any], Any], ...] = (
        (EVENT_BLOCKS, blocks.of_event), (BODY_BLOCKS, blocks.of_body), (places.FRONT_BLOCKS, blocks.of_city),
        (TOOLS, organiser_views.offer), (OWN_WAYS, desk_views.way_of_officials))
    for hook, block in pairs:
        if block not in hook:
            hook.append(block)
    EVENT_STAMPS["promises"] = select(func.sum(Promise.version)).where(Promise.event_id == Event.id)
    tasks.register(app.extensions["civic_queue"])
    letters.register()
