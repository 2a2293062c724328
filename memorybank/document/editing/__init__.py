"""One edit applied to a document, and the proof that only what was meant has changed."""
