"""`python -m ghostsync`."""

from ghostsync.cli import main

if __name__ == "__main__":
    main()
