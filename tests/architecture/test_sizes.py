"""Files up to 500 lines, functions up to 60. The list of exceptions may only shrink."""

from architecture.tree import functions, named, python_files

MOST_LINES_OF_FILE = 500
MOST_LINES_OF_FUNCTION = 60
ALLOWED_LONGER: frozenset[str] = frozenset()


def test_files_are_short():
    found = {named(f) for f in python_files() if len(f.read_text(encoding="utf-8").splitlines()) > MOST_LINES_OF_FILE}
    assert found <= ALLOWED_LONGER


def test_functions_are_short():
    found = {
        f"{named(f)}:{node.name}"
        for f in python_files()
        for node in functions(f)
        if (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_FUNCTION
    }
    assert found <= ALLOWED_LONGER


def test_the_list_of_exceptions_holds_nothing_that_has_been_mended():
    existing = {named(f) for f in python_files()} | {
        f"{named(f)}:{node.name}" for f in python_files() for node in functions(f)
    }
    assert existing >= ALLOWED_LONGER
