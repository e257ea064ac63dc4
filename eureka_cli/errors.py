"""Exceptions of reward-synth. Each message says what is wrong and what cures it.

RewardSynthError
├── UsageError            the person can fix it: a name, a value, a file
├── ConfigError           a setting is unknown, of the wrong type or contradicts another
├── RunError              a run cannot go on: locked, exhausted repairs, a spent budget
│   ├── BudgetSpent       a limit the person set is reached; the run can be resumed
│   ├── FilesGone         arrays of a finished job were removed: it has to be run again
│   ├── DiskFull          what was to be written does not fit; the run can be resumed
│   └── ReplayMismatch    a recorded answer belongs to another prompt
├── ModelError            a model provider failed for good
├── JobFailed             our own code failed inside a job; the traceback is in the job folder
│   ├── OutOfMemory       the machine had not enough memory for a job
│   └── Stalled           a job stood still: asleep, or computing without end
├── SandboxUnavailable    reward code cannot be confined on this machine
└── RewardFailure         reward code failed: carries a Finding, becomes data at the job's border
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eureka_cli.core import Finding


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What an OSError carries where a disk, a quota or a file may hold no more."""


class RewardSynthError(Exception):
    """Base of all errors this program raises on purpose."""

    exit_code = 1


class UsageError(RewardSynthError):
    """A name, value or file the person gave does not fit; the message names the cure."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown, of the wrong type, or contradicts another."""


class RunError(RewardSynthError):
    """A run cannot go on as it stands."""


class BudgetSpent(RunError):
    """A limit the person set is reached. What is finished stays; raising the limit resumes."""

    exit_code = 3


class FilesGone(RunError):
    """Arrays of a finished job were removed. It counts as unfinished from now on."""


class DiskFull(RunError):
    """What was to be written does not fit. What is finished stays; with more space the run resumes."""


class ReplayMismatch(RunError):
    """A recorded answer was given to a different prompt."""


class ModelError(RewardSynthError):
    """A model provider failed in a way retrying does not cure. `unpaid`: surely nothing was answered."""

    def __init__(self, message: str, *, unpaid: bool = False) -> None:
        super().__init__(message)
        self.unpaid = unpaid


class JobFailed(RewardSynthError):
    """Our own code failed inside a job; never evidence about a reward."""


class OutOfMemory(JobFailed):
    """The machine had not enough memory for a job."""


class Stalled(JobFailed):
    """A job stood still: asleep, or computing without end."""


class SandboxUnavailable(RewardSynthError):
    """No isolation for reward code can be put in force here."""


class RewardFailure(RewardSynthError):
    """Reward code failed. The job that meets it records the finding as data."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding
