"""The frame every page stands in."""

import pytest

pytestmark = pytest.mark.browser


def test_front_and_sign_in_pages_are_quiet_narrow_and_accessible(page_as):
    visitor = page_as()
    assert visitor.go("/") == 200
    visitor.check("front")
    visitor.go("/accounts/sign-in/")
    visitor.check("sign-in")
    assert visitor.go("/no-such-page/") == 404
    visitor.check("not-found")


def test_large_type_is_one_press_and_stays(page_as):
    visitor = page_as(phone=True)
    visitor.go("/")
    visitor.do(lambda page: page.click("[data-large-type]"))
    visitor.go("/accounts/sign-in/")
    assert visitor.do(lambda page: page.evaluate("getComputedStyle(document.documentElement).fontSize")) == "20px"
    visitor.check("sign-in-large")
