"""`python -m tests.soak.listening API GATEWAY ARGUMENT…` is `tools.launch`, and says at its end what reached the bot.

The number of each interaction that the bot has handed to the library stands in `received.txt`, in the folder in which
it was started.
"""

import sys
from pathlib import Path
from typing import Any

from discord.state import ConnectionState

from bot.cli.main import main
from tools.redirect import redirect

received: list[str] = []
parse = ConnectionState.parse_interaction_create


def note(self: ConnectionState[Any], data: Any) -> None:
    received.append(data["id"])
    parse(self, data)


ConnectionState.parse_interaction_create = note  # type: ignore[method-assign]
redirect(sys.argv[1], sys.argv[2])
try:
    sys.exit(main(sys.argv[3:]))
finally:
    Path("received.txt").write_text("\n".join(received))
