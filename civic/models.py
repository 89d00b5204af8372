"""Every model module, imported once so that the metadata is whole (migrations, relationships by name)."""

import importlib

MODEL_MODULES = (
    "civic.places.models", "civic.bodies.models", "civic.accounts.models", "civic.media.models",
    "civic.jobs.models", "civic.complaints.models", "civic.web.once",
)


def load_all() -> None:
    """Import all model modules."""
    for name in MODEL_MODULES:
        importlib.import_module(name)
