"""The door to Novita's v3 API and to every host that speaks it, the emulator included.

Read it from the bottom: `wire` (what is sent, what comes back), `refusal` (what a "no" means), `links` (which
addresses may be asked), `retry` (how long to wait, when to stop), `shield` (what is not cut off), `client` (the
requests), `provider` (start a call, collect its images). Facts about the API: DESIGN §8; what may be sent again: §7.
"""
