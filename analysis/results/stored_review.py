"""What reviews of both kinds share: named results in a store, which are current or stale."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import TypeAdapter

from analysis.errors import ResultError
from analysis.results.plan import Named
from analysis.results.store import Inputs, Staleness, Store

BUILD = Path("_build")
MANIFEST = BUILD / "manifest.json"


@dataclass(frozen=True)
class StoredReview(ABC):
    """A folder with a plan, and the results that the plan asks for.

    Attributes
    ----------
    project
        The folder.
    plan_file
        The plan, below the folder.
    """

    project: Path
    plan_file: ClassVar[Path]

    @abstractmethod
    def named(self) -> tuple[Named, ...]:
        """List the results that the plan asks for."""

    @abstractmethod
    def inputs(self, named: Named) -> Inputs:
        """Record what a result depends on, as it is now."""

    @abstractmethod
    def adapter(self, kind: str) -> TypeAdapter[Any]:
        """Name the type of a kind of result."""

    @property
    def store(self) -> Store[Any]:
        """Where the results are kept."""
        return Store(self.project / BUILD / "results")

    def staleness(self) -> tuple[Staleness, ...]:
        """Say for every result whether it is current, and if not, why.

        Raises
        ------
        ProblemsError
            With every problem of the review, when a trial that has to be read has any.
        """
        return tuple(self.store.staleness(n.name, self.inputs(n)) for n in self.named())

    def require_current(self) -> None:
        """Make sure that every result is current: a page must never show numbers of older data.

        Raises
        ------
        ResultError
            When a result is stale.
        """
        stale = [s for s in self.staleness() if not s.current]
        if stale:
            reasons = sorted({reason for s in stale for reason in s.reasons})
            raise ResultError(
                f"{len(stale)} results are not current ({'; '.join(reasons[:5])}). "
                "Run `ipdbook build` first; `ipdbook render` does it by itself."
            )

    def load(self, kind: str, **keys: str) -> Any:  # noqa: ANN401 - one type per kind
        """Load one result by its kind and keys.

        Raises
        ------
        ResultError
            When the plan does not ask for it, or it was never computed.
        """
        wanted = Named(kind, tuple(keys.items()))
        if wanted not in self.named():
            known = ", ".join(sorted(n.name for n in self.named() if n.kind == kind))
            raise ResultError(
                f"The plan asks for no result {wanted.name!r}. There are: {known or 'none'}. "
                f"Add it to {self.plan_file}, or correct the document."
            )
        return self.store.load(wanted.name, self.adapter(kind))

    def manifest(self) -> dict[str, Any]:
        """Load what the last build rested on: data, code, versions.

        Raises
        ------
        ResultError
            When nothing was built yet.
        """
        try:
            text = (self.project / MANIFEST).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ResultError("There is no manifest. Run `ipdbook build` first.") from None
        content: dict[str, Any] = json.loads(text)
        return content
