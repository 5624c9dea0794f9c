"""What the commands of a house share: people and cases by name, refusals, and files written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from habeas.cli.main import Refused

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Case


@contextmanager
def refusals_of_the_house(*more: type[Exception]) -> Iterator[None]:
    """Print a refusal as a sentence instead of a traceback. ``more``: further refusals of the command."""
    from django.db import OperationalError, ProgrammingError

    from habeas.access.actions import NotAllowed
    from habeas.access.keys import KeyDestroyed, NoHouseKey

    try:
        yield
    except (NotAllowed, NoHouseKey, KeyDestroyed, *more) as refusal:
        raise Refused(str(refusal)) from None
    except (OperationalError, ProgrammingError) as trouble:
        kind = type(trouble.__cause__ or trouble).__name__
        raise Refused(
            f"the database cannot be used ({kind}): set this machine up with `habeas run --no-serve --no-demo`, "
            "and see that it is running and HABEAS_DATABASE names it"
        ) from None


def member_named(name: str) -> Person:
    """Raises Refused."""
    from django.contrib.auth import get_user_model

    people = get_user_model()
    try:
        return cast("Person", people.objects.get_by_natural_key(name))
    except people.DoesNotExist:
        raise Refused(f"--as {name[:40]!r}: nobody has this user name; `habeas member` gives accounts") from None


def case_named(reference: str) -> Case:
    """Raises Refused."""
    from habeas.cases.queries import NoSuchCase, case_by_reference

    try:
        return case_by_reference(reference.strip())
    except NoSuchCase as refusal:
        raise Refused(f"{refusal}; a reference looks like HB-7KQ2M9") from None


@contextmanager
def new_file(path: Path) -> Iterator[Callable[[str | bytes], None]]:
    """Write a file that was not there, for its owner only; it goes again where it was not written to its end."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"--out {path}: this file is there already; name a new one") from None
    except OSError as error:
        raise Refused(f"--out {path} cannot be written ({error.strerror}); name another place") from None
    try:
        with os.fdopen(descriptor, "wb") as stream:

            def write(content: str | bytes) -> None:
                stream.write(content if isinstance(content, bytes) else content.encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())

            yield write
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Refused(f"--out {path} cannot be written ({error.strerror}); name another place") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
