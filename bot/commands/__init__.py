"""What members and admins can do on Discord: every command, button and form, and how each looks.

`brief` and `privacy` are for everybody, and `admin` holds the commands of `/briefs`.
"""
