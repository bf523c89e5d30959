"""XML in: parsed without entities, DTD or network, or refused with the line."""

from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree as DefusedTree
from defusedxml.common import DefusedXmlException
from lxml import etree

from finmart.integrations.bpmn.expressions import UnableToRead

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
FINMART = "https://finmart.example/bpmn"
LARGEST_BYTES = 2 * 1024 * 1024
DEEPEST = 60


def root_of(xml: str | bytes) -> etree._Element:
    """Return the root element, every element knowing its line. Raises UnableToRead."""
    content = xml.encode() if isinstance(xml, str) else xml
    if len(content) > LARGEST_BYTES:
        raise UnableToRead(f"流程文件超过 {LARGEST_BYTES // 1024 // 1024} MB", field="xml")
    try:
        DefusedTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnableToRead(
            "流程文件含有 DTD 或实体定义，出于安全考虑不予读取（第 1 行起）",
            field="xml",
            remedy="请删除 DOCTYPE 后重新上传",
        ) from error
    except ParseError as error:
        raise _broken(error.position[0], error.position[1]) from error
    except (ValueError, LookupError) as error:
        raise UnableToRead("流程文件的编码无法识别（第 1 行）", field="xml", remedy="请保存为 UTF-8") from error
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise _broken(line or 1, column or 0) from error
    if _depth(root) > DEEPEST:
        raise UnableToRead(f"流程文件嵌套超过 {DEEPEST} 层", field="xml")
    return root


def _broken(line: int, column: int) -> UnableToRead:
    return UnableToRead(
        f"流程文件不是完整的 XML：第 {line} 行第 {column} 列附近有错误", field="xml", remedy="请用建模工具重新导出"
    )


def _depth(root: etree._Element) -> int:
    deepest, open_elements = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        open_elements += 1 if event == "start" else -1
        deepest = max(deepest, open_elements)
    return deepest


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def line_of(element: etree._Element) -> int:
    """Return the line the element begins on, 0 where the parser kept none."""
    line: int | None = element.sourceline  # type: ignore[assignment] # the stubs leave the type open
    return line or 0


def text_of(element: etree._Element, *path: str) -> str:
    """Return the stripped text of the first BPMN descendant along ``path``, empty where there is none."""
    found = element.find("/".join(f"{{{BPMN}}}{part}" for part in path))
    return (found.text or "").strip() if found is not None else ""


def ours(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the finmart extension elements called ``name`` directly in this element."""
    return element.findall(f"{{{BPMN}}}extensionElements/{{{FINMART}}}{name}")
