"""What a file holds and what is odd about it."""

from ostinato.data.report.describe import describe

__all__ = ["describe"]
