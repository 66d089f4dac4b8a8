"""The network: Ghost's Admin API."""
