"""Tellers: what a person or a program is told. `words` (plain text), `console` (a terminal), `summary` (JSON)."""
