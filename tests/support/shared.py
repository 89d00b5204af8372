"""What one process of a run makes and the others copy."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


class Shared:
    """Things made once in a run. ``root``: a folder that all its processes know and no other run does."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, name: str, make: Callable[[Path], None]) -> Path:
        """A folder that ``make(folder)`` has filled; nobody changes it afterwards. Whoever asks first makes it, the others wait for it."""
        folder, half = self.root / f"shared-{name}", self.root / f"shared-{name}-half"
        with (self.root / f"shared-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(half, ignore_errors=True)  # of a process that failed
                half.mkdir()
                make(half)
                half.rename(folder)
        return folder
