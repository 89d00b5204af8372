"""A complaint's journey: filing, the law's clock, answers, and the resident's last word."""

from civic.app import CivicFlask
from civic.limits import votes


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the jobs."""
    from civic.complaints import (
        desk_views,
        filing_views,
        handing,
        letters,
        map_cli,
        map_views,
        sharing_views,
        supports,
        tasks,
        tracking_views,
        views,
    )

    app.register_blueprint(views.bp)
    app.register_blueprint(filing_views.bp)
    app.register_blueprint(desk_views.bp)
    app.register_blueprint(tracking_views.bp)
    app.register_blueprint(sharing_views.bp)
    app.register_blueprint(map_views.bp)
    app.cli.add_command(map_cli.map_cli)
    app.extensions["civic_may_see_photo"] = tracking_views.may_see_photo
    votes.KINDS["support"] = supports.KIND
    tasks.register(app.extensions["civic_queue"])
    letters.register()
    handing.register()
