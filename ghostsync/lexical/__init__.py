"""Markdown to Lexical and back."""
