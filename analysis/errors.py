"""The errors of ipdbook, one per stage.

Each message says what was expected, what was found, where, and what to do.
"""


class IpdbookError(Exception):
    """Base of all errors that a user can mend: the command line prints no traceback for them."""


class ProtocolError(IpdbookError):
    """`data/protocol.yml` does not say what the review needs."""


class TrialError(IpdbookError):
    """A trial's file or its `trial.yml` cannot be used as it stands."""


class ModelError(IpdbookError):
    """An estimator was asked for something that it cannot do."""


class ResultError(IpdbookError):
    """A stored result is missing, stale or unreadable."""


class RenderError(IpdbookError):
    """A document could not be rendered."""


class StorageError(IpdbookError):
    """A file could not be written: the disk is full, or the place is not ours."""
