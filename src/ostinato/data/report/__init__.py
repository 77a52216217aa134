"""What a file holds and what is odd about it."""

from ostinato.data.report.describe import describe
from ostinato.data.report.tagged import describe_tagged

__all__ = ["describe", "describe_tagged"]
