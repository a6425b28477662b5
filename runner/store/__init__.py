"""The store: pictures by digest, what each request gave, and the journal of paid calls; all in `.retouch/`."""
