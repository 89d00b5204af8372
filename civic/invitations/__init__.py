"""Invitations of officials to discussions: the letter, the answer, and who came, all on the record."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.events import calendar_views as calendars
    from civic.invitations import calendar_views, card_views, desk_views, letters, link_views, organiser_views, tasks, views

    for module in (calendars, views, link_views, organiser_views, desk_views, calendar_views, card_views):
        app.register_blueprint(module.bp)
    tasks.register(app.extensions["civic_queue"])
    letters.register()
    views.register(app)
