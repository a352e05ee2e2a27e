"""ipdbook: from the datasets of randomised trials to a published IPD meta-analysis."""
