"""The list of safeguards that `python -m tests.faults.mutations` takes away keeps up with the code."""

from __future__ import annotations

import ast

import pytest

from tests.command import ROOT
from tests.faults.mutations import MUTATIONS, Mutation, mutated


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_each_safeguard_stands_where_it_is_taken_away(mutation: Mutation) -> None:
    """Once, and what is left without it is still a program; the tests that are to go red exist."""
    ast.parse(mutated(mutation, ROOT))
    assert mutation.tests
    assert all((ROOT / each.partition("::")[0]).is_file() for each in mutation.tests)
