"""The engine: works through a plan. `call` (one paid call or operation), `step` (one step), `run` (one item's graph).

It owns no socket, no file and no terminal: provider and store are handed in, and what happens is told as events.
"""
