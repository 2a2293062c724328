"""Apply an edit to a document, and check that only the intended text has changed."""
