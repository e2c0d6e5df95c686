"""What members and admins can do on Discord. Each command, button and form is served here, and laid out for Discord."""
