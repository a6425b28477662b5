"""The street: the command line. `wiring` builds every object, `main` is the one boundary for errors, and each other
module is a group of commands. Only here is anything read from or written to a terminal."""
