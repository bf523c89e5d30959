"""Models are read safely, and everything wrong is named with its element and line."""

import re
from pathlib import Path

import pytest

from finmart.config import places
from finmart.integrations import bpmn

README = Path(places.CHECKOUT) / "src/finmart/integrations/bpmn/README.md"
EXAMPLE = re.search(r"```xml\n(.*?)```", README.read_text(), re.DOTALL).group(1).replace(' notSameAs="review"', "")


def test_the_example_of_the_readme_is_a_model():
    assert bpmn.validate(EXAMPLE) == []
    model = bpmn.read(EXAMPLE)
    approve = model.nodes["approve"]
    assert approve.lane == "银行"
    assert approve.step.positive == ("APPROVE",)
    assert approve.step.deadline.unit == "WORKING_DAYS"
    assert model.clause == "B2"


@pytest.mark.clause("A6")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda x: '<!DOCTYPE a [<!ENTITY x "y">]>' + x, "DTD"),
        (lambda x: ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a>' + x).encode("utf-16"), "DTD"),
        (lambda x: x[:600], "不是完整的 XML：第 9 行"),
        (lambda _: "", "不是完整的 XML"),
        (lambda _: "<a/>", "不是 BPMN"),
        (lambda x: x + " " * 2_100_000, "超过 2 MB"),
        (lambda x: x.replace('targetRef="pay"', 'targetRef="refused"'), "pay：从开始事件无法到达"),
        (lambda x: x.replace('targetRef="paid"', 'targetRef="approve"'), "paid：从开始事件无法到达"),
        (lambda x: x.replace('targetRef="pay"', 'targetRef="nowhere"'), "起点或终点不存在"),
        (lambda x: x.replace("serviceTask", "scriptTask"), "第 33 行 pay：不支持的元素 scriptTask"),
        (lambda x: x.replace('approve_outcome == "APPROVE"', "__import__('os').system('x')"), "不允许的写法"),
        (lambda x: x.replace('kind="VOTE"', 'kind="MOST"'), "kind 只能是"),
        (lambda x: x.replace('ratio="2/3"', 'ratio="7/3"'), "ratio 应大于 0"),
        (lambda x: x.replace('onTimeout="ESCALATE"', 'onTimeout="MAYBE"'), "MAYBE 不在本步骤的结果中"),
        (lambda x: x.replace('unit="WORKING_DAYS"', 'unit="WEEKS"'), "unit 只能是"),
        (lambda x: x.replace("<bpmn:flowNodeRef>approve</bpmn:flowNodeRef>", ""), "approve：步骤不属于任何泳道"),
        (lambda x: x.replace('id="approve" name', 'id="a-b" name'), "步骤的 id 应由字母"),
        (lambda x: x.replace(' default="f4"', ""), "出线 f4 既无条件也不是默认出线"),
        (lambda x: x.replace('form="', 'farm="'), "不认识属性 farm"),
        (lambda x: x.replace('id="pay"', 'id="paid"'), "id 缺失、重复"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change, sentence):
    faults = bpmn.validate(change(EXAMPLE))
    assert faults
    assert sentence in "；".join(faults)
    with pytest.raises(bpmn.UnableToRead):
        bpmn.read(change(EXAMPLE))


def test_a_loop_without_way_out_is_named():
    looped = EXAMPLE.replace('targetRef="paid"', 'targetRef="pay"').replace('targetRef="refused"', 'targetRef="pay"')
    assert any("无法到达任何结束事件" in fault for fault in bpmn.validate(looped))


def test_a_billion_laughs_are_not_heard():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    hostile = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><x>&l9;</x>'
    assert "DTD" in bpmn.validate(hostile)[0]


def test_deep_nesting_is_refused():
    nested = '<subProcess id="a">' * 3000 + "</subProcess>" * 3000
    document = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">{nested}</definitions>'
    assert bpmn.validate(document)
