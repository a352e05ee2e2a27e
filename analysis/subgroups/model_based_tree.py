"""One tree of a model-based partitioning: tests of stability, then the cut that fits best."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.models.design import Array
from analysis.models.inference import interval
from analysis.subgroups.conditions import Split
from analysis.subgroups.covariates import Covariate
from analysis.subgroups.effective import adjusted
from analysis.subgroups.fast_fit import fit_last
from analysis.subgroups.fluctuation import Fluctuation, fluctuation, scores
from analysis.subgroups.growth import Found, Growth
from analysis.subgroups.model_based_options import ModelBasedOptions
from analysis.subgroups.products import interaction_products
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.split_search import Sides, sides_of
from analysis.subgroups.sums import Centred, Sums, centred
from analysis.subgroups.tree import Node, SubgroupTree


@dataclass(frozen=True, slots=True, eq=False)
class Grower:
    """Grows trees of the same participants with one offset after the other.

    Attributes
    ----------
    data
        Everybody.
    model
        Columns that the effects of the nodes are estimated from.
    covariates, options
        What may be split, and how.
    """

    data: SearchData
    model: Centred
    covariates: tuple[Covariate, ...]
    options: ModelBasedOptions

    def grow(self, rows: Codes, offset: Array) -> SubgroupTree:
        """Grow a tree of the participants `rows`; `offset` is (n,) for everybody."""
        working = centred(self.data, free=False, outcome=self.data.outcome - offset)
        growth = Growth(self.model, self.covariates, self.options)
        nodes = growth.nodes(rows, partial(self._find, working))
        sentence = self.options.sentence(adjusted=self.data.baseline is not None)
        return SubgroupTree(nodes, self.options, growth.names, self.data.n, sentence)

    def _find(self, working: Centred, node: Node) -> Found:
        """Test every covariate that can be split, and split the least stable one."""
        members, options = node.members, self.options
        found = [sides_of(working, members, one, options.minimum) for one in self.covariates]
        found = [sides for sides in found if sides.count]
        if not found:
            return Found((), ())
        process = scores(
            self.data.treat[members] - 0.5,
            working.y[members],
            all_parameters=options.parameters == "all",
        )
        smallest = 2 * options.minimum
        tests = [fluctuation(process, sides.covariate, members, smallest) for sides in found]
        order = sorted(range(len(found)), key=lambda i: (tests[i].log_p, -tests[i].statistic))
        candidates = tuple(self._candidate(found[i], tests[i], members, len(found)) for i in order)
        first = candidates[0]
        return Found(candidates, (first,) if first.p_overall <= options.level else ())

    def _candidate(self, sides: Sides, test: Fluctuation, members: Codes, number: int) -> Split:
        """Give the best cut of a covariate, with the test's p and the difference in effect."""
        at = int(np.argmin(residual(sides.side) + residual(sides.rest)))
        model = self.model
        same = sides_of(model, members, sides.covariate, self.options.minimum)
        products = interaction_products(
            same.node, same.side.take(np.array([at])), free=model.free, adjusted=model.adjusted
        )
        fit = fit_last(products, inference=self.options.inference)
        low, high, _ = interval(fit.estimate, fit.se, fit.df, self.options.confidence)
        first, second = sides.conditions(at)
        p = adjusted(test.p, number)
        return Split(
            covariate=sides.covariate.name,
            kind=sides.covariate.kind,
            first=first,
            second=second,
            difference=float(fit.estimate[0]),
            se=float(fit.se[0]),
            df=float(fit.df[0]),
            ci_low=float(low[0]),
            ci_high=float(high[0]),
            p=test.p,
            p_adjusted=p,
            p_overall=p,
            splits=sides.count,
            effective=float("nan"),
            missing=0,
        )


def residual(found: Sums) -> Array:
    """Sum of squares about the means of the arms, over all trials, in each of g groups; (g,)."""
    n, y = found.n.sum(axis=1), found.y.sum(axis=1)
    return np.asarray(found.yy.sum(axis=0) - (y**2 / np.maximum(n, 1)).sum(axis=0))
