"""A real Ghost on this machine."""
