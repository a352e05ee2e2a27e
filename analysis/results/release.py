"""Keep a data cut in `data/releases/`, and find those that were kept."""

import json
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from analysis.errors import ResultError
from analysis.files import replaced_folder
from analysis.results.aggregate_review import AggregateReview
from analysis.results.changes import Changes, compare
from analysis.results.cut import NOW, Cut, make_cut
from analysis.results.published_cut import make_published_cut
from analysis.results.review import CUT, RELEASES, Review

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CUT = TypeAdapter(Cut)
AnyReview = Review | AggregateReview


def release(review: AnyReview, name: str, *, made: datetime | None = None) -> Path:
    """Keep the present estimates under a name.

    Parameters
    ----------
    review
        The review, with current results.
    name
        Letters, digits, dots, hyphens and underscores.
    made
        When; now by default.

    Returns
    -------
    Path
        The folder, to be committed.

    Raises
    ------
    ResultError
        When the name cannot be used or is taken, or results are stale.
    StorageError
        When the folder cannot be written.
    """
    folder = review.project / RELEASES / name
    if not NAME.fullmatch(name) or name == NOW:
        raise ResultError(
            f"{name!r} cannot be the name of a release: expected letters, digits, dots, hyphens "
            f"and underscores, beginning with a letter or digit, and not {NOW!r}. For example: "
            "2026-11 or submission-1."
        )
    if folder.exists():
        raise ResultError(
            f"The release {name!r} is there already ({RELEASES / name}). A release never changes: "
            "choose another name."
        )
    cut = present_cut(review, name=name, made=made)
    with replaced_folder(folder) as fresh:
        text = json.dumps(asdict(cut), indent=1, ensure_ascii=False, allow_nan=False)
        (fresh / CUT).write_text(text + "\n", encoding="utf-8", newline="\n")
    return folder


def present_cut(review: AnyReview, *, name: str = NOW, made: datetime | None = None) -> Cut:
    """Gather the estimates of a review of either kind as they are now.

    Raises
    ------
    ResultError
        When results are stale.
    """
    if isinstance(review, AggregateReview):
        return make_published_cut(review, name=name, made=made)
    return make_cut(review, name=name, made=made)


def releases(project: Path) -> tuple[str, ...]:
    """Names of the releases of a review, from the first to the last.

    Raises
    ------
    ResultError
        When one of them cannot be read.
    """
    names = (path.parent.name for path in (project / RELEASES).glob(f"*/{CUT}"))
    found = [read_release(project, name) for name in names if NAME.fullmatch(name)]
    return tuple(cut.name for cut in sorted(found, key=lambda cut: (cut.made, cut.name)))


def read_release(project: Path, name: str) -> Cut:
    """Read the data cut of a release.

    Raises
    ------
    ResultError
        When there is none of this name, or it is damaged.
    """
    path = project / RELEASES / name / CUT
    try:
        cut = _CUT.validate_json(path.read_bytes())
    except FileNotFoundError:
        known = sorted(each.parent.name for each in (project / RELEASES).glob(f"*/{CUT}"))
        raise ResultError(
            f"There is no release {name!r}. There are: {', '.join(known) or 'none'}. "
            "Make one with `ipdbook release NAME`."
        ) from None
    except ValidationError as error:
        raise ResultError(
            f"{RELEASES / name / CUT} is damaged ({error.error_count()} problems). Take the file "
            "back from your version control."
        ) from None
    if cut.name != name:
        raise ResultError(
            f"{RELEASES / name / CUT} says that it is the release {cut.name!r}. A release is never "
            f"renamed: call the folder {cut.name!r} again."
        )
    return cut


def cut_named(review: AnyReview, name: str) -> Cut:
    """Read a release, or make a cut of the present results when the name is ``now``.

    Raises
    ------
    ResultError
        When there is no such release, or results are stale.
    """
    return present_cut(review) if name == NOW else read_release(review.project, name)


def since_last_release(review: AnyReview) -> Changes | None:
    """Compare the last release with the present results; None before the first release.

    Raises
    ------
    ResultError
        When a release cannot be read, or results are stale.
    """
    names = releases(review.project)
    return compare(read_release(review.project, names[-1]), present_cut(review)) if names else None
