"""What is said of an optimum that is not certified; the rule is in the package's docstring."""

UNCERTIFIED = "; the optimum is not certified, so that no estimate is given"
