"""Estimators: one task a file."""
