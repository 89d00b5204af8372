"""Every model module, imported once so that the metadata is whole (migrations, relationships by name)."""

import importlib

MODEL_MODULES = (
    "civic.places.models", "civic.bodies.models", "civic.accounts.models", "civic.accounts.post_models", "civic.media.models",
    "civic.jobs.models", "civic.limits.models", "civic.search.models", "civic.complaints.models", "civic.following.models", "civic.figures.models", "civic.complaints.map_models", "civic.events.models", "civic.invitations.models", "civic.questions.models", "civic.moderation.models", "civic.topics.models", "civic.minutes.models", "civic.promises.models", "civic.stage.models", "civic.focus.models", "civic.programmes.models", "civic.privacy.models", "civic.web.once",
)


def load_all() -> None:
    """Import all model modules."""
    for name in MODEL_MODULES:
        importlib.import_module(name)
