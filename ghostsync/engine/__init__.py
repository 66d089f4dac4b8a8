"""Reading both sides and deciding: what comes of it is a plan."""
