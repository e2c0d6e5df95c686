"""`python -m bot`: see bot/cli/main.py."""

import sys

MISSING = (
    "the requirements are not installed ({name} is missing): run `make run`, or use .venv/bin/python if it has been run"
)

try:
    from bot.cli.main import main

    sys.exit(main())
except ModuleNotFoundError as error:
    if (error.name or "bot").partition(".")[0] == "bot":
        raise
    sys.exit(MISSING.format(name=error.name))
