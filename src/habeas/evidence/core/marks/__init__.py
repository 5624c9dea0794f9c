"""Traceable copies: marks in a recipient's copy that follow from a secret of that copy, and who a leaked copy was for.

``text``, ``image`` and ``pdf`` put marks in and read them again, ``lists`` chooses between equivalent wordings and
orders in what the house itself writes, ``codes`` holds the codewords and the test, ``trace`` names the copy. An
original is never marked. Nothing here is imported at start-up: most of it needs numpy.
"""
