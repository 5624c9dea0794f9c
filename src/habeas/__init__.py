"""Habeas: the case system of a coordinated response to doxxing."""
