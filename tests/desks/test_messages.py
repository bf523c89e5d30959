"""A person's notices: counted on every page, read one by one or all at once, nobody else's."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from factories import parties
from finmart.centres.technical.notices import operations, queries
from finmart.kit.actor import Actor


@pytest.fixture
def reader(db):
    return parties.enterprise()


def _client(actor):
    client = Client()
    person = get_user_model().objects.get(pk=actor.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _tell(actor, count=1, link="/documents/"):
    for number in range(count):
        operations.notify(
            Actor.of_system("test"), person_ids=[actor.person_id], template="general",
            values={"title": f"第{number}号通知", "text": "<script>内容</script>"}, link=link,
        )  # fmt: skip


@pytest.mark.clause("D8")
def test_notices_are_listed_counted_and_read(reader):
    _tell(reader, 3)
    client = _client(reader)
    page = client.get("/messages/").content.decode()
    assert "第2号通知" in page
    assert "&lt;script&gt;" in page
    assert '3 条"' in page
    notice = queries.notices_for(reader)[0]
    answered = client.post(f"/messages/{notice.uuid}/")
    assert (answered.status_code, answered["Location"]) == (302, "/documents/")
    assert queries.unread_count_for(reader) == 2
    assert "第2号通知" not in client.get("/messages/?unread=1").content.decode()
    assert client.post("/messages/read/").status_code == 302
    assert queries.unread_count_for(reader) == 0


def test_lists_are_paged_with_few_queries(reader, django_assert_max_num_queries):
    _tell(reader, 45)
    client = _client(reader)
    with django_assert_max_num_queries(12):
        page = client.get("/messages/?page=3").content.decode()
    assert "第4号通知" in page
    assert "第5号通知" not in page
    assert client.get("/messages/?page=nonsense").status_code == 200


@pytest.mark.clause("D8")
def test_another_persons_notice_is_not_found_and_visitors_sign_in(reader):
    _tell(reader)
    notice = queries.notices_for(reader)[0]
    stranger = _client(parties.enterprise())
    assert "第0号通知" not in stranger.get("/messages/").content.decode()
    assert stranger.post(f"/messages/{notice.uuid}/").status_code == 404
    assert stranger.get(f"/messages/{notice.uuid}/").status_code == 405
    for path in ("/messages/", "/messages/read/", f"/messages/{notice.uuid}/"):
        assert Client().post(path).status_code in {302, 405}
    assert queries.unread_count_for(reader) == 1
