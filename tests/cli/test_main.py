"""The command line as a whole: the overview, the version, and what is no command."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from habeas.cli.main import COMMANDS


def test_the_overview_names_every_command(habeas):
    said = habeas("--help")
    assert said.code == 0
    for name, (_, line) in COMMANDS.items():
        assert name in said.out
        assert line in said.out


def test_without_a_command_the_overview_comes_with_an_error(habeas):
    said = habeas()
    assert said.code == 2
    assert said.out == habeas("--help").out


def test_the_version_is_the_package_s(habeas):
    assert habeas("--version").out == f"habeas {version('habeas')}\n"


@pytest.mark.parametrize(
    ("word", "hint"),
    [pytest.param("asess", "did you mean 'assess'?", id="near"), pytest.param("fly", "`habeas --help`", id="far")],
)
def test_no_such_command(habeas, word, hint):
    said = habeas(word)
    assert said.code == 2
    assert said.out == ""
    assert f"there is no command {word!r}" in said.err
    assert hint in said.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_takes(habeas, name):
    said = habeas(name, "--help")
    assert said.code == 0
    assert said.out.startswith(f"usage: habeas {name}")
    assert COMMANDS[name][1] in said.out.replace("\n", " ")
