"""The disk: configuration, documents, cache, Git."""
