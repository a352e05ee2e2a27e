"""The named results of a review: computed once, stored under what they depend on, then printed."""
