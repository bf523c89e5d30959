"""Every component of the house on three pages, as a browser shows and uses them."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def gallery(settings, page_as):
    from django.urls import clear_url_caches, set_urlconf

    settings.ROOT_URLCONF = "browser.gallery"
    clear_url_caches()
    yield page_as()
    set_urlconf(None)
    clear_url_caches()


def test_components_are_quiet_narrow_and_accessible(gallery):
    assert gallery.go("/gallery/?district=GS") == 200
    assert gallery.do(lambda page: page.get_attribute("a[rel=next]", "href")) == "?district=GS&page=4"
    gallery.do(lambda page: page.check("[data-check-all]"))
    assert gallery.do(lambda page: page.locator("tbody input:checked").count()) == 8
    gallery.check("components")


def test_an_amount_is_read_aloud_in_capitals_and_errors_stand_beside_their_fields(gallery):
    gallery.go("/gallery/form/")

    def fill(page):
        page.fill("[name=amount_fen]", "1,050,000.05")
        assert page.inner_text(".capitals") == "大写：壹佰零伍万元零伍分"
        for wrong in ("0", "-3", "abc", "1.001"):
            page.fill("[name=amount_fen]", wrong)
        page.eval_on_selector("form", "form => { form.noValidate = true; }")
        page.click("text=提交")
        page.wait_for_selector("#id_amount_fen_error")
        return page.get_attribute("#id_amount_fen", "aria-describedby"), page.inner_text("#id_amount_fen_error")

    described_by, text = gallery.do(fill)
    assert described_by == "id_amount_fen_error"
    assert "最多两位小数" in text
    gallery.check("form-wrong")


def test_a_question_comes_before_the_act_and_a_refusal_on_top_of_the_page(gallery):
    gallery.go("/gallery/form/")

    def ask(page):
        page.click("text=刷新")
        page.click("dialog [data-answer=no]")
        assert page.is_visible("text=刷新")
        page.click("text=刷新")
        page.click("dialog [data-answer=yes]")
        page.wait_for_selector("text=已刷新")
        page.click("#refused")
        page.wait_for_selector("#flashes >> text=该事项已被他人处理")
        page.wait_for_selector("#flashes >> text=请刷新后查看最新状态")

    gallery.do(ask)
    gallery.check("refused")


def test_changed_forms_warn_before_they_are_left(gallery):
    gallery.go("/gallery/form/")
    asked = []

    def leave(page):
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.fill("[name=title]", "流动资金")
        page.goto(gallery.site + "/")

    gallery.do(leave)
    assert asked == ["beforeunload"]


def test_the_diagram_is_drawn_with_progress_and_the_chart_with_it(gallery):
    gallery.go("/gallery/diagram/")

    def drawn(page):
        page.wait_for_selector("[data-bpmn-url]:not([data-drawn=drawing])[data-drawn]")
        page.wait_for_selector("[data-chart-url][data-drawn]")
        return page.get_attribute("[data-bpmn-url]", "data-drawn")

    assert gallery.do(drawn) == "yes"
    assert gallery.do(lambda page: page.locator("g.flow-current[data-element-id=due_diligence]").count()) == 1
    assert gallery.do(lambda page: page.is_visible("a.bjs-powered-by"))
    in_sight = """() => {
        const box = (name) => document.querySelector(name).getBoundingClientRect();
        const [step, frame] = [box(".flow-current"), box(".flow-scroll")];
        return step.left >= frame.left && step.right <= frame.right;
    }"""
    assert gallery.do(lambda page: page.evaluate(in_sight))
    gallery.check("diagram")


def test_an_upload_shows_its_progress_and_its_answer_takes_the_place_of_the_page(gallery):
    gallery.go("/gallery/upload/")

    def upload(page):
        page.set_input_files("#file", {"name": "大.txt", "mimeType": "text/plain", "buffer": bytes(5000)})
        page.click("main button[type=submit]")
        page.wait_for_selector("text=文件太大")
        page.set_input_files("#file", {"name": "小.txt", "mimeType": "text/plain", "buffer": b"x"})
        page.click("main button[type=submit]")
        page.wait_for_selector("text=已收到 小.txt")
        return page.url

    assert gallery.do(upload).endswith("/gallery/upload/?done=1")
    gallery.check("upload")
