"""Effects and variances of single trials from what they report."""
