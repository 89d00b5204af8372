"""Questions of a discussion: asked before and during, voted for, answered in the room or in writing; and the room's three views."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.limits import votes
    from civic.questions import (  # noqa: F401
        delivery,
        desk_views,
        letters,
        link_views,
        moderator_views,
        phone_views,
        screen_views,
        settings_views,
        tasks,
        views,
        voting,
    )
    from civic.questions.rooms import ROOM

    for blueprint in (phone_views.short, phone_views.bp, screen_views.bp, views.bp, moderator_views.bp, desk_views.bp, link_views.bp):
        app.register_blueprint(blueprint)
    delivery.init_app(app, app.extensions["civic_queue"])
    tasks.register(app, app.extensions["civic_queue"])
    letters.register()
    votes.KINDS[ROOM] = voting.KIND
    views.register()
