"""That the table of mutants (tests/mutants.yaml) fits the code, so that `make mutants` has something to say."""

import pytest

from tests.mutants import ROOT, Mutant, mutants

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_can_still_be_made_of_the_code(mutant: Mutant) -> None:
    assert mutant.misfit(ROOT) is None
    assert mutant.text != mutant.becomes


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_the_tests_of_a_mutant_exist(mutant: Mutant) -> None:
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / file).read_text()


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names))
