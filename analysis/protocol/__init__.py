"""The pre-specified plan of a review as frozen typed objects, read from `data/protocol.yml`."""

from analysis.protocol.analyses import (
    AggregateAnalysis,
    Exclusion,
    Model,
    ModifierAnalysis,
    OverallAnalysis,
    PublishedInteractions,
    Sensitivity,
    Variant,
)
from analysis.protocol.kind import PARTICIPANT_DATA, PUBLISHED_RESULTS, of_this_kind
from analysis.protocol.modifiers import Hypothesis, Modifier
from analysis.protocol.outcomes import (
    ArmCategory,
    Comparison,
    FollowUp,
    Key,
    Outcome,
    Response,
    WorthwhileEffect,
)
from analysis.protocol.plan import Protocol, read_protocol
from analysis.protocol.search import NotEligible, Search
from analysis.protocol.subgroup_search import (
    PeelSettings,
    PlannedSearch,
    SubgroupSearch,
    TreeSettings,
)

__all__ = [
    "PARTICIPANT_DATA",
    "PUBLISHED_RESULTS",
    "AggregateAnalysis",
    "ArmCategory",
    "Comparison",
    "Exclusion",
    "FollowUp",
    "Hypothesis",
    "Key",
    "Model",
    "Modifier",
    "ModifierAnalysis",
    "NotEligible",
    "Outcome",
    "OverallAnalysis",
    "PeelSettings",
    "PlannedSearch",
    "Protocol",
    "PublishedInteractions",
    "Response",
    "Search",
    "Sensitivity",
    "SubgroupSearch",
    "TreeSettings",
    "Variant",
    "WorthwhileEffect",
    "of_this_kind",
    "read_protocol",
]
