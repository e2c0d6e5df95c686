"""That the table of mutants (tests/mutants.yaml) fits the code, so that `make mutants` has something to say."""

import pytest

from tests.mutants import ROOT, mutants

pytestmark = pytest.mark.slow


def test_every_mutant_can_still_be_made_of_the_code() -> None:
    assert {mutant.name: why for mutant in mutants() if (why := mutant.misfit(ROOT))} == {}
    assert [mutant.name for mutant in mutants() if mutant.text == mutant.becomes] == []


def test_the_tests_of_every_mutant_exist() -> None:
    named = {test.partition("::") for mutant in mutants() for test in mutant.tests}
    assert len(named) > 200
    missing = [test for test in named if f"def {test[2]}" not in (ROOT / test[0]).read_text()]
    assert sorted(map("".join, missing)) == []


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names))
