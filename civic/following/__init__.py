"""Following more than one complaint: a place, a street, a district, a category, a body, a search; told by mail, nothing twice."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, and ``follow_link`` for every template."""
    from civic.following import tasks
    from civic.following.letters import register
    from civic.following.links import follow_link
    from civic.following.views import bp

    app.register_blueprint(bp)
    app.jinja_env.globals.update(follow_link=follow_link)
    tasks.register(app.extensions["civic_queue"])
    register()
