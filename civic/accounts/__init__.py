"""People: accounts, proven e-mail addresses, and the posts that people hold in bodies and cities."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages."""
    # each module of pages gives its addresses to the one blueprint when it is imported
    from civic.accounts import (  # noqa: F401
        audit_views,
        cli,
        device_views,
        invited_views,
        letters,
        link_views,
        oidc_views,
        passkey_views,
        people_views,
        second_step_views,
        sessions,
        tokens,
        ways,
    )
    from civic.accounts.views import bp
    from civic.web.navigation import OWN_WAYS

    app.register_blueprint(bp)
    oidc_views.bind(app, app.settings)
    ways.add(link_views.way)
    ways.add(oidc_views.way)
    app.cli.add_command(cli.accounts_cli)
    queue = app.extensions["civic_queue"]
    queue.handlers["account_link"] = letters.send_link
    queue.sweeps += [sessions.forget_old, tokens.forget_used]
    for pages in (invited_views, people_views, audit_views):
        app.register_blueprint(pages.bp)
    if people_views.way_of_heads not in OWN_WAYS:
        OWN_WAYS.append(people_views.way_of_heads)
