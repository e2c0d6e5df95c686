"""briefbot answers `/brief troops` with a short, sourced, dated brief that an admin wrote.

Read in this order: brief (what a brief is); text, matching and ranking (how a query finds one); answer (the decision);
card (what is read). Then the edges: strict_yaml, brief_file and loader (files in), storage (the database), layout,
client and members (Discord), console (a terminal), cli and service (which wire them). Administration: permission,
change, editing, then the package admin. How the bot is seen from outside: connection, instruments, health, systemd.
"""
