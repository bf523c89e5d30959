"""Links are offered by predicate, in order, and the longest address is the current one."""

import pytest

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

CLERK = Actor(person_id=1, person_name="李经办", organisation_id=1, organisation_kind="ENTERPRISE")


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(nav, "_entries", {})
    monkeypatch.setattr(nav, "_homes", {})


def is_person(actor):
    return not actor.is_visitor


def test_entries_are_seen_by_whom_they_are_for(registry):
    nav.register(
        nav.Entry("b", "第二", "accounts:security", is_person, order=20, group="组", count=lambda _: 7),
        nav.Entry("a", "第一", "visitor:products", lambda _: True, order=10, group="组"),
        nav.Entry("t", "铃", "accounts:choose", is_person, place=nav.Place.TOOL, on_phone=True),
    )
    shell = nav.shell_for(CLERK, "/accounts/security/password/")
    assert [(group, [link.label for link in links]) for group, links in shell.side] == [("组", ["第一", "第二"])]
    assert [link.current for link in shell.side[0][1]] == [False, True]
    assert shell.side[0][1][1].count == 7
    assert [link.label for link in shell.tools] == [link.label for link in shell.bottom] == ["铃"]
    assert [link.label for _, links in nav.shell_for(Actor.visitor(), "/").side for link in links] == ["第一"]


def test_the_longest_address_is_current_and_the_root_only_itself(registry):
    nav.register(
        nav.Entry("front", "首页", "visitor:front", lambda _: True),
        nav.Entry("list", "超市", "visitor:products", lambda _: True),
        nav.Entry("compare", "比较", "visitor:compare", lambda _: True),
    )

    def current(path):
        return [link.label for _, links in nav.shell_for(CLERK, path).side for link in links if link.current]

    assert current("/") == ["首页"]
    assert current("/products/x/") == ["超市"]
    assert current("/products/compare/") == ["比较"]
    assert current("/elsewhere/") == []


def test_a_start_page_is_the_portals_that_claims_the_actor(registry):
    nav.register_home("企业端", "visitor:products", lambda actor: actor.organisation_kind == "ENTERPRISE")
    nav.register_home("机构端", "visitor:products", lambda actor: actor.organisation_id is not None)
    assert nav.home_for(CLERK).label == "企业端"
    assert nav.home_for(Actor.visitor()) is None
    assert nav.shell_for(CLERK, "/").portal == "企业端"
    assert nav.shell_for(Actor.visitor(), "/").home == "/"


def test_a_code_registered_again_replaces_the_entry_and_four_fit_the_bar(registry):
    for number in range(6):
        nav.register(nav.Entry(f"e{number}", "旧", "visitor:front", lambda _: True, on_phone=True))
    nav.register(nav.Entry("e0", "新", "visitor:front", lambda _: True, on_phone=True))
    assert [link.label for link in nav.shell_for(CLERK, "/").bottom] == ["新", "旧", "旧", "旧"]
