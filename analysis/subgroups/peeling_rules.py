"""Directed peeling as a search whose optimism can be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.subgroups.box import peelable
from analysis.subgroups.box_rows import complete
from analysis.subgroups.optimism_protocol import Subgroup
from analysis.subgroups.peeling import Peeling, find_boxes
from analysis.subgroups.search_data import SearchData


@dataclass(frozen=True, slots=True)
class PeelingSearch:
    """The boxes of `peel`, one per requested size; keys are such as "size 0.3"."""

    options: Peeling

    def __call__(self, data: SearchData) -> Sequence[Subgroup]:
        """Peel and give the boxes that were reached, from large to small."""
        found = find_boxes(data, self.options)
        return [Subgroup(f"size {size:g}", box) for size, box in found.items()]

    def people(self, data: SearchData) -> SearchData:
        """Keep the participants whom `peel` searches, so that the rest is the same too."""
        peeled, _ = peelable(data, self.options.directions)
        return complete(data, list(peeled))[0]
