"""Start the bot in a container, and wait to be stopped if it ends for a wrong setting or token (exit code 2).

Docker starts what ends again and again. That mends no setting, and Discord counts the attempts with a wrong token.
"""

import signal
import sys

from bot.cli.main import main

code = main(["run"])
if code == 2:
    print("Waiting, so that Docker does not try this again for ever: mend the setting and recreate the container.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))  # process 1 has no handler that would end it
    sys.stdout.flush()
    signal.pause()
sys.exit(code)
