"""Knowing a dox when it comes back: by its wording, by the identifiers in it, by its images.

Everything here is keyed: what is kept of a text cannot be read back, or tried against guesses, without the key.
"""
