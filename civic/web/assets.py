"""A version of the built front end, put behind static addresses so that browsers keep them for a year."""

import hashlib
from pathlib import Path


def version(folder: Path) -> str:
    """A short digest of all built files; ``unbuilt`` when there are none."""
    digest = hashlib.sha256()
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".css", ".js", ".svg"))
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10] if files else "unbuilt"
