"""Discussions: organisations, events, registrations, the door."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    # each module of pages gives its addresses to the one blueprint when it is imported
    from civic.accounts.two_factor import HOLD_PERSONAL_DATA
    from civic.accounts.views import HOMES
    from civic.events import audited, door_views, letters, organiser_views, registration_views, step_views, tasks, views  # noqa: F401
    from civic.events.blueprint import bp
    from civic.events.organisations import holds_guest_data
    from civic.places import views as front
    from civic.web.navigation import OWN_WAYS

    app.register_blueprint(bp)
    front.NEXT_EVENT = views.next_on_front
    if views.way_of_organisers not in OWN_WAYS:
        OWN_WAYS.append(views.way_of_organisers)
    if views.home_of_organisers not in HOMES:
        HOMES.append(views.home_of_organisers)
    if holds_guest_data not in HOLD_PERSONAL_DATA:
        HOLD_PERSONAL_DATA.append(holds_guest_data)
    tasks.register(app.extensions["civic_queue"])
    letters.register()
    audited.register()
