"""Finding subgroups: recursive partitioning and directed peeling, on top of `models`."""
