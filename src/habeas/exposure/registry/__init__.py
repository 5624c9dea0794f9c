"""The registry of known doxes on disk: what is kept of texts and pictures, keyed and mapped into memory.

``folder.py`` is how the files of one kind change safely; ``wordings.py`` and ``pictures.py`` are the two kinds.
Identifiers stand in the database (``exposure.models.KnownIdentifier``).
"""
