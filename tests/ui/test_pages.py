"""The frame: what goes wrong is one page that says what happened, what to do and a number."""

import re

import pytest
from django.http import Http404
from django.test import Client, RequestFactory

from finmart.ui import errors

pytestmark = pytest.mark.django_db


def test_an_unknown_address_has_a_page_with_a_number(client):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert re.search(r"编号 <span class=\"mono\">[2-9A-Z]{12}</span>", answer.content.decode())


def test_a_stale_form_is_told_so():
    answer = Client(enforce_csrf_checks=True).post("/accounts/sign-in/", {})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_our_own_failure_asks_nothing_of_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "您的操作没有生效" in answer.content.decode()


def test_forbidden_bad_and_too_many_have_pages_of_their_own(rf):
    request = rf.get("/")
    for status, answer in (
        (400, errors.bad_request(request, Http404())),
        (403, errors.forbidden(request, Http404())),
        (429, errors.too_many(request, "太多", "请等待")),
    ):
        assert answer.status_code == status


@pytest.mark.clause("F5")
def test_no_page_holds_script_or_style_of_its_own_and_the_policy_allows_none(client):
    for path in ("/", "/products/", "/accounts/sign-in/", "/no/such/page/"):
        answer = client.get(path)
        text = answer.content.decode()
        assert "style=" not in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<style|\son[a-z]+=", text)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_large_type_is_the_readers_choice_on_every_page(client):
    assert 'class="large-type"' not in client.get("/").content.decode()
    client.cookies["large_type"] = "1"
    assert 'class="large-type"' in client.get("/products/").content.decode()


def test_styles_travel_compressed(client):
    answer = client.get("/static/built/app.css", HTTP_ACCEPT_ENCODING="br")
    assert answer["Content-Encoding"] == "br"
    assert len(b"".join(answer.streaming_content)) < 120_000
