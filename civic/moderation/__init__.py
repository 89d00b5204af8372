"""Moderation in the open: flags, signs of trouble, hiding with a public reason, appeals, and the public log.

``signs``, ``codex`` and ``looking`` know nothing of the rest and stand low in the ladder: forms of other features warn with them, and other
features order a look.
"""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, the tombstones, and the kinds of things that this feature knows itself."""
    from civic.accounts.audit_words import FACTS, OF_THE_UNNAMED, WORDS
    from civic.focus.groups import BEFORE_GOING
    from civic.limits.cli import limits_cli
    from civic.moderation import cli, desk_views, letters, mend_views, subjects, tasks, views, vote_views
    from civic.moderation.of_complaints import Complaints
    from civic.moderation.of_events import Events, Organisations
    from civic.moderation.of_focus import Transcripts
    from civic.moderation.of_invitations import Invitations
    from civic.moderation.of_minutes import MinutesOfEvents
    from civic.moderation.of_programmes import Programmes
    from civic.moderation.of_promises import Promises
    from civic.moderation.of_questions import Questions
    from civic.moderation.of_stage import Talks, key_of
    from civic.moderation.owned import forget_appeals
    from civic.moderation.stones import stones_for_reader
    from civic.moderation.wording import ACT_WORDS
    from civic.web.navigation import OWN_WAYS

    for module in (views, desk_views, mend_views, vote_views):
        app.register_blueprint(module.bp)
    for subject in (Complaints(), Events(), Organisations(), Invitations(), Questions(), Promises(), MinutesOfEvents(), Talks(), Transcripts(), Programmes()):
        subjects.register(subject)
    tasks.register(app.extensions["civic_queue"], app.settings.media, app.settings.host)
    letters.register()
    limits_cli.add_command(cli.decide)
    WORDS.update({f"moderation.{kind}": word for kind, word in ACT_WORDS.items()} | vote_views.DECIDED_WORDS)
    FACTS["key"] = str  # the number of the thing; what is left as it was has no entry in the log
    OF_THE_UNNAMED.update(f"moderation.{kind}" for kind in ACT_WORDS)
    if desk_views.way_of_moderators not in OWN_WAYS:
        OWN_WAYS.append(desk_views.way_of_moderators)
    if forget_appeals not in BEFORE_GOING:
        BEFORE_GOING.append(forget_appeals)
    app.jinja_env.globals.update(tombstones=stones_for_reader, withheld_of=views.withheld_of, withheld_parts=views.withheld_parts, talk_key=key_of)
