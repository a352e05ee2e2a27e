"""Effects nested in trials: variance components and cluster-robust errors."""
