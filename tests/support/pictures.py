"""Pictures for tests."""

import io

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), *, position: tuple[float, float] | None = None) -> bytes:
    """The bytes of a picture of ``kind``. position: WGS 84 degrees (north, east) written into its metadata."""
    image = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    if position:
        exif[0x8825] = {1: "N", 2: _parts(position[0]), 3: "E", 4: _parts(position[1])}
        exif[0x010F] = "A telephone"
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return float(whole), float(minutes), round(rest * 60, 4)
