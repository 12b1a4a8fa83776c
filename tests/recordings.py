"""Data that lies beside the repository, in `shared/data`, and is no part of it: tests of it are left out without it."""

from pathlib import Path


def recording(name: str) -> Path | None:
    """The file of this name in the nearest `shared/data` above; None where there is none."""
    places = (folder / "shared" / "data" / name for folder in Path(__file__).resolve().parents)
    return next((place for place in places if place.is_file()), None)
