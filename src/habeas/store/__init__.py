"""The database itself: one writer at a time on SQLite, and work that is done later. No subject's rules live here."""
