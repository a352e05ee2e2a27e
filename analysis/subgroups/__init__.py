"""Finding subgroups: recursive partitioning and directed peeling, on top of `models`."""

from analysis.subgroups.box import Box, Direction, Threshold
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.internal_external import InternalExternal, internal_external
from analysis.subgroups.model_based import ModelBasedTree, partition_model_based
from analysis.subgroups.optimism import bootstrap_optimism
from analysis.subgroups.optimism_protocol import Cut, Search, Subgroup
from analysis.subgroups.optimism_result import Corrected, Optimism, SubgroupOptimism
from analysis.subgroups.optimism_tree import TreeSearch
from analysis.subgroups.partition import partition
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.partition_permutation import PartitionPermutation, permute_partition
from analysis.subgroups.partition_simulation import (
    PartitionScenario,
    SimulatedPartition,
    simulate_partitioning,
)
from analysis.subgroups.peeling import Peeling, peel
from analysis.subgroups.peeling_result import PeelingStep, PeelingTrajectory
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.subgroups.search_data import SearchData, search_data
from analysis.subgroups.sides import effect_fits, side_fits
from analysis.subgroups.stability import Stability
from analysis.subgroups.tree import Node, SubgroupTree

__all__ = [
    "Box",
    "Corrected",
    "Cut",
    "Direction",
    "EffectModel",
    "InternalExternal",
    "ModelBasedTree",
    "Node",
    "Optimism",
    "PartitionOptions",
    "PartitionPermutation",
    "PartitionScenario",
    "Peeling",
    "PeelingSearch",
    "PeelingStep",
    "PeelingTrajectory",
    "Search",
    "SearchData",
    "SimulatedPartition",
    "Stability",
    "Subgroup",
    "SubgroupOptimism",
    "SubgroupTree",
    "Threshold",
    "TreeSearch",
    "bootstrap_optimism",
    "effect_fits",
    "internal_external",
    "partition",
    "partition_model_based",
    "peel",
    "permute_partition",
    "search_data",
    "side_fits",
    "simulate_partitioning",
]
