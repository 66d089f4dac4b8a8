"""Pushing continuously: events of files in, runs of one session out."""
