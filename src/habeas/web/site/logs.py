"""What the log of the server holds of an error: its kind and where in the code, never what it was about."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any


class PlacesOnly(logging.Formatter):
    """Leaves out the messages of exceptions: one from a database or a parser may quote somebody's data."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | Any) -> str:  # noqa: N802 (logging's own name)
        error, told = ei[1], []
        while error is not None:
            places = [f"  {at.filename}:{at.lineno} in {at.name}" for at in traceback.extract_tb(error.__traceback__)]
            told.append("\n".join([type(error).__name__, *places]))
            error = error.__cause__ or error.__context__
        return "\nwhile handling ".join(told)
