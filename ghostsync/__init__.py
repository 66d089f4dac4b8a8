"""Keep a directory of Markdown files and a Ghost site in agreement.

The public face of the library is small on purpose: `Ghost` (a client of the Admin API), `GhostError` and what
derives from it, and `ghostsync.lexical` (Markdown ⇄ Lexical). Everything else is the tool's own.
"""

__version__ = "0.1.0"
