"""Finding subgroups: recursive partitioning and directed peeling, on top of `models`."""

from analysis.subgroups.box import Box, Direction, Threshold
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.internal_external import InternalExternal, internal_external
from analysis.subgroups.optimism import bootstrap_optimism
from analysis.subgroups.optimism_protocol import Cut, Search, Subgroup
from analysis.subgroups.optimism_result import Corrected, Optimism, SubgroupOptimism
from analysis.subgroups.optimism_tree import TreeSearch
from analysis.subgroups.peeling import Peeling, peel
from analysis.subgroups.peeling_result import PeelingStep, PeelingTrajectory
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.subgroups.stability import Stability

__all__ = [
    "Box",
    "Corrected",
    "Cut",
    "Direction",
    "EffectModel",
    "InternalExternal",
    "Optimism",
    "Peeling",
    "PeelingSearch",
    "PeelingStep",
    "PeelingTrajectory",
    "Search",
    "Stability",
    "Subgroup",
    "SubgroupOptimism",
    "Threshold",
    "TreeSearch",
    "bootstrap_optimism",
    "internal_external",
    "peel",
]
