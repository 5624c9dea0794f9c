"""``habeas member``: give someone an account at the desk."""

from __future__ import annotations

import argparse
import getpass
import sys

from habeas.access.core.permissions import ROLES
from habeas.cli.main import Refused, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username")
    parser.add_argument("--name", required=True, help="full name, as colleagues know it")
    parser.add_argument("--role", required=True, choices=[role for role in ROLES if role != "service"])
    parser.add_argument("--organisation", required=True)


def run(options: argparse.Namespace) -> None:
    start_django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import IntegrityError

    from habeas.access.actions import add_member
    from habeas.kernel import clock

    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password)
        add_member(
            options.username,
            password,
            options.role,
            options.organisation,
            full_name=options.name,
            at=clock.now(),
        )
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    except IntegrityError:
        raise Refused(f"the name {options.username!r} is taken; choose another") from None
    print(f"{options.username} can sign in at /desk/ as {options.role}")
