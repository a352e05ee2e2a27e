"""Share the rendered documents: bundle them, look into every file, and only then write."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.files import replaced_folder, write_atomically
from analysis.publish.bundle import Bundle, make_bundle, with_checksums
from analysis.publish.bundle_about import About
from analysis.publish.disclosure import REPORT, Inspection, inspect
from analysis.publish.project import Project, read_project
from analysis.recognise import Known

SHARE = "share"


@dataclass(frozen=True, slots=True)
class Shared:
    """A bundle that was written.

    Parameters
    ----------
    folder
        Where it is.
    files
        Its files, relative to the folder.
    inspection
        What the disclosure check looked at.
    """

    folder: Path
    files: tuple[str, ...]
    inspection: Inspection


def share(
    project: Path,
    outputs: Sequence[Path],
    known: Known,
    about: About,
    *,
    also: Mapping[str, Path] | None = None,
) -> Shared:
    """Bundle the rendered documents of a project and write the bundle if nobody is disclosed.

    The report of the check is written in any case, into `_build`. When the check finds something,
    the bundle that was there before stays as it was.

    Parameters
    ----------
    project
        Folder of the review.
    outputs
        Its rendered files.
    known
        What tells its participants.
    about
        What the bundle is.
    also
        Other files to look into that go out with the bundle: name → path.

    Raises
    ------
    DisclosureError
        Something could tell who somebody is: every place, the rule, what to do.
    """
    found = read_project(project)
    bundle = make_bundle(outputs, about)
    inspection = _inspect(bundle, known, also or {})
    report = inspection.to_json()
    write_atomically(found.build / REPORT, report)
    inspection.check()
    whole = Bundle(with_checksums({**bundle.files, REPORT: report.encode()}))
    target = found.output / SHARE
    with replaced_folder(target) as folder:
        whole.write(folder)
    return Shared(target, tuple(whole.files), inspection)


def _inspect(bundle: Bundle, known: Known, also: Mapping[str, Path]) -> Inspection:
    """Look into all files but the pictures of pixels, which were drawn from the SVG beside them."""
    drawn = {name.removesuffix(".svg") + ".png" for name in bundle.files if name.endswith(".svg")}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bundle.write(folder)
        files = {name: folder / name for name in bundle.files if name not in drawn}
        return inspect({**files, **also}, known)


def authors_of(project: Project) -> tuple[str, ...]:
    """Names of the authors that `_quarto.yml` gives."""
    stated = project.settings.get("author") or ()
    listed = stated if isinstance(stated, list) else [stated]
    names = [each.get("name", "") if isinstance(each, Mapping) else each for each in listed]
    return tuple(str(name) for name in names if name)
