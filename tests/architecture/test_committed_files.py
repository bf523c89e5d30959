"""What may be committed: nothing of third parties, no registry's address, no path of one machine."""

import re

from architecture.tree import committed_files, named

ADDRESS = re.compile(r"(--(extra-)?index-url|\"resolved\"\s*:\s*\"http|registry\s*=\s*http|/home/[a-z]+/|/root/)")
TEXT = {".py", ".toml", ".txt", ".in", ".json", ".js", ".css", ".html", ".md", ".yml", ".yaml", ".cfg", ".bpmn", ".dmn"}
LARGEST_BYTES = 400_000


def test_no_registry_address_and_no_path_of_one_machine():
    found = [
        f"{named(f)}: {match.group(0)}"
        for f in committed_files()
        if f.suffix in TEXT and f.name != "test_committed_files.py"
        for match in [ADDRESS.search(f.read_text(encoding="utf-8"))]
        if match
    ]
    assert found == []


def test_no_third_party_file():
    foreign = {".ttf", ".otf", ".woff", ".woff2", ".whl", ".jar", ".parquet", ".gz", ".zip"}
    assert [named(f) for f in committed_files() if f.suffix in foreign or ".min." in f.name] == []
    assert [named(f) for f in committed_files() if f.stat().st_size > LARGEST_BYTES and f.suffix != ".txt"] == []
