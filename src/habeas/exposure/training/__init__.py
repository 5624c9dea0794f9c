"""Recipes that make the models under ``habeas/exposure/data``. Run by hand; nothing at run time imports them."""
