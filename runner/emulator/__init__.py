"""The emulator: a stand-in for a paid host, for rehearsals and tests. It never imports the client.

In reading order: `wire` (requests and answers as values), `order` (a request checked and understood), `shapes` (the
size of the picture), `task` (when a task waits, runs and ends), `storage` (the signed result links), `results` (answers
in the shape of a model's page), `ledger` (what was asked of us), `allowance` (rate limit and balance), `endpoints`
(where models are asked), `mischief` (what a host can say wrongly), `faults` (which requests meet it), `script` (how
that is written), `options`, `service` (the state machine that answers requests), `painter` (the pictures) and `server`
(the HTTP face).
"""
