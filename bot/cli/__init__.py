"""The command line and the terminal chat. `main` reads the arguments and the settings, the others do the work."""
