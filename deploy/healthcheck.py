"""Ask the bot in this container whether it is live: exit code 0 if so, else 1 and a line that says why."""

import http.client
import os
import sys

LONGEST = 4.0
"""Seconds to wait for the answer: less than the container's health check does."""

port = os.environ["HEALTH_PORT"].rpartition(":")[2]  # an address may stand before it
try:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=LONGEST)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    print(response.read(200).decode(errors="replace").strip())
except (OSError, http.client.HTTPException) as error:
    print(f"no answer on port {port}: {error}")
    sys.exit(1)
sys.exit(response.status != http.HTTPStatus.OK)
