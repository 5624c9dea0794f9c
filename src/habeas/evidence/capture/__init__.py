"""Capture of web pages: what a browser saw, with the traffic, as a WACZ file that proves itself.

The browser runs as a process of its own, in a profile of its own, and reaches nothing but the public internet: see
``guard``. Nothing heavy is imported before a page is captured.
"""

from habeas.evidence.capture.capturing import CannotCapture, Capture, CaptureSettings, capture_page

__all__ = ["CannotCapture", "Capture", "CaptureSettings", "capture_page"]
