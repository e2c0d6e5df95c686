"""`python -m tools.launch API GATEWAY ARGUMENT…` runs `python -m bot ARGUMENT…` against a fake Discord."""

import sys

from bot.cli.main import main
from tools.redirect import redirect

redirect(sys.argv[1], sys.argv[2])
sys.exit(main(sys.argv[3:]))
