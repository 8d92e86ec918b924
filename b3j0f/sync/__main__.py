"""``python -m b3j0f.sync``: the command line."""

from .cli import main

if __name__ == "__main__":
    main()
