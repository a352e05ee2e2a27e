"""Write an archive so that the same content gives the same bytes, whenever and wherever."""

import io
import zipfile

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive can hold


def same_bytes(archive: bytes, *, without: tuple[str, ...] = ()) -> bytes:
    """Write a zip archive again, its entries in order and without the date and system of today.

    Parameters
    ----------
    archive
        The archive.
    without
        Entries that are left out.
    """
    source, target = zipfile.ZipFile(io.BytesIO(archive)), io.BytesIO()
    with source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(set(source.namelist()) - set(without)):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            written.writestr(entry, source.read(name))
    return target.getvalue()
