"""One reader a file format, and how a file's format is told from its name."""
