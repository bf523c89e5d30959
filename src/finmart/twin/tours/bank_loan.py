"""The bank loan (B1, B2, B6, B10): one need, two banks, two offers, one contract, money out and back, the archive.

Played by a firm's clerk and legal person and the staff of two banks, each in a browser of their own, with strangers
trying their luck on the way.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from finmart.twin.tours import papers
from finmart.twin.tours.browsing import Player
from finmart.twin.tours.pages import Element, Page, UnlikePage, Values
from finmart.twin.tours.stage import Stage, under_way

AMOUNT_YUAN = 800_000
TERM_MONTHS = 12
PAYEE = {"payee_name": "示例供应商有限公司", "payee_account": "32050199000000001234", "payee_bank": "示例运河银行"}
CONDITION = "提供近三个月银行流水"
VISITOR = Player("", "访客")
_YUAN = re.compile(r"([\d,]+\.\d{2}) 元")


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of the story: its name on the pages, the product to look for, its people."""

    name: str
    product: str
    managers: tuple[Player, Player]
    reviewer: Player
    approver: Player
    officer: Player
    rate_percent: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays. ``stranger`` is a clerk of another firm; ``today`` is the day on the platform's clock."""

    clerk: Player
    legal: Player
    bank_a: Bank
    bank_b: Bank
    stranger: Player
    today: date


@dataclass(slots=True)
class BankLoan:
    """The story on its way, scene by scene; what it learns from the pages is kept here."""

    stage: Stage
    cast: Cast
    need: str = ""
    matches: str = ""
    case_a: str = ""
    case_b: str = ""
    loan: str = ""
    contract_fen: int = 0
    offered_rate: str = ""

    @property
    def _banks(self) -> tuple[Bank, Bank]:
        return self.cast.bank_a, self.cast.bank_b

    def play(self) -> None:
        """Play all scenes. Raises UnlikePage where a page does not answer as the story needs it."""
        for scene in (
            self.state_need, self.apply_to_two, self.strangers_outside, self.consent, self.return_and_supplement,
            self.read_facts, self.assess_a, self.assess_b, self.compare_and_accept, self.other_bank_is_told,
            self.withdraw_consent, self.sign, self.prepare_payment, self.pay, self.check_after_loan, self.repay,
            self.look_back,
        ):  # fmt: skip
            scene()

    def state_need(self) -> None:
        clerk = self.cast.clerk
        browser = self.stage.browser(clerk)
        form = browser.open(browser.open("/enterprise/needs/").link("提出需求")).form(field="amount_fen")
        asked = {"amount_fen": "0", "term_months": str(TERM_MONTHS), "purpose": "WORKING_CAPITAL"}
        wrong = browser.submit(form, asked, button="state", expected=HTTPStatus.UNPROCESSABLE_ENTITY)
        self.stage.done(clerk, "提出金额为 0 的需求", f"未受理（422）：{wrong.flash}")
        asked |= {"amount_fen": str(AMOUNT_YUAN), "purpose_note": "采购原材料（示例）"}
        page = browser.submit(wrong.form(field="amount_fen"), asked, button="state")
        self.matches, self.need = page.address, _back(page)
        self.stage.done(clerk, "提出融资需求", f"{page.fact('融资金额')}，{page.fact('期限')}；随即匹配", page=page)

    def apply_to_two(self) -> None:
        clerk, browser = self.cast.clerk, self.stage.browser(self.cast.clerk)
        matched = browser.open(self.matches)
        cards = [_card(matched, bank) for bank in self._banks]
        reasons = "；".join(
            f"{bank.name}{bank.product}{_verdicts(card)}" for bank, card in zip(self._banks, cards, strict=True)
        )
        self.stage.done(clerk, "查看匹配结果与原因", f"{matched.fact('结果')}；{reasons}", page=matched)
        chosen = [tick["value"] for card in cards if (tick := card.first("input", name="version"))]
        page = browser.submit(matched.form(action="/apply/"), {"version": chosen})
        self.case_a, self.case_b = (_first_link(page.row(bank.name)) for bank in self._banks)
        self.stage.done(clerk, "同时向两家银行申请", f"{page.flash}：案件 {self.case_a}、{self.case_b}", page=page)

    def strangers_outside(self) -> None:
        case = f"/cases/{self.case_a}/"
        self.stage.sent_to_sign_in(VISITOR, case, "未登录打开他人案件")
        self.stage.refused(self.cast.stranger, case, "打开其他企业的案件", HTTPStatus.NOT_FOUND)
        self.stage.refused(self.cast.stranger, self.need, "打开其他企业的需求", HTTPStatus.NOT_FOUND)
        self.stage.refused(self.cast.bank_b.managers[0], case, "打开另一家银行的案件", HTTPStatus.NOT_FOUND)

    def consent(self) -> None:
        bank = self.cast.bank_a
        facts = f"/institution/cases/{self.case_a}/facts/"
        self.stage.refused(bank.managers[0], facts, "未经授权查看企业数据", HTTPStatus.FORBIDDEN)
        browser = self.stage.browser(self.cast.legal)
        for recipient in self._banks:
            form = browser.open("/enterprise/consents/grant/").form(field="recipient")
            until = self.cast.today + timedelta(days=30)
            granted = {
                "recipient": form.options("recipient")[recipient.name],
                "months_back": "12", "valid_to": until.isoformat(),
            }  # fmt: skip
            page = browser.submit(form, granted)
            row = page.row(recipient.name, "贷款审查")
            self.stage.done(
                self.cast.legal, f"授权{recipient.name}查看企业数据", f"{page.flash}：{row.text}", page=page
            )

    def return_and_supplement(self) -> None:
        manager = self.cast.bank_a.managers[0]
        wanted = {"return_reason": "请补充最近一期完税证明"}
        self.stage.complete(manager, self.case_a, "受理与完整性审查", "RETURN", wanted)
        self._follow_notice()
        paper = papers.hand_in(self.stage, self.cast.clerk, self.case_a)
        told = {"supplement_note": "已补充最近一期完税证明（示例）"}
        self.stage.complete(self.cast.clerk, self.case_a, "补充材料", "RESUBMIT", told)
        papers.read(self.stage, manager, paper, "下载企业补充的材料", papers.CONTENT)
        self.stage.refused(self.cast.bank_b.managers[0], paper, "下载另一案件的材料", HTTPStatus.NOT_FOUND)
        form = self.stage.work(manager, self.case_a, "受理与完整性审查").form(field="opinion")
        self.stage.complete(manager, self.case_a, "受理与完整性审查", "ACCEPT", {"materials_complete": True})
        again: Values = {"materials_complete": True, "opinion": "双击"}
        page = self.stage.browser(manager).submit(form, again, button="ACCEPT", expected=HTTPStatus.CONFLICT)
        self.stage.done(manager, "把同一结论再提交一次", f"未重复办理（409）：{page.flash}", page=page)

    def _follow_notice(self) -> None:
        clerk, browser = self.cast.clerk, self.stage.browser(self.cast.clerk)
        page = browser.open("/messages/")
        notice = next((one for one in page.main.all("li") if "退回" in one.text and self.case_a in one.text), None)
        if notice is None:
            raise UnlikePage("申请被退回，企业却没有收到消息")
        said = notice.text
        browser.submit(page.form(within=notice))
        self.stage.done(clerk, "收到退回的消息并打开案件", said, page=page)

    def read_facts(self) -> None:
        manager = self.cast.bank_a.managers[0]
        browser = self.stage.browser(manager)
        item = self.stage.work(manager, self.case_a, "双人尽职调查")
        page = browser.open(item.link("查看企业数据"))
        count = len(list(page.main.all("tr"))) - len(list(page.main.all("thead")))
        if not count:
            raise UnlikePage("企业数据页没有任何一项数据")
        self.stage.done(manager, "经授权查看企业数据", f"{page.heading}：{count} 项，均有来源与日期", page=page)

    def assess_a(self) -> None:
        bank = self.cast.bank_a
        proposal: Values = {
            "security_required": True, "security_description": "示例担保公司保证", "joint_liability": True,
            "conditions": CONDITION,
        }  # fmt: skip
        self._assess(bank, self.case_a, proposal)

    def assess_b(self) -> None:
        bank = self.cast.bank_b
        self.stage.complete(bank.managers[0], self.case_b, "受理与完整性审查", "ACCEPT", {"materials_complete": True})
        self._assess(bank, self.case_b, {"joint_liability": True})

    def _assess(self, bank: Bank, number: str, proposal: Values) -> None:
        for manager in bank.managers:
            found = {"visited_on": self.cast.today.isoformat(), "findings": "生产经营正常（示例）"}
            self.stage.complete(manager, number, "双人尽职调查", "PASS", found)
        proposed = {
            "internal_rating": "B", "offer_amount_fen": str(AMOUNT_YUAN), "offer_annual_rate": bank.rate_percent,
            "offer_term_months": str(TERM_MONTHS), "offer_method": "INTEREST_FIRST",
        }  # fmt: skip
        self.stage.complete(bank.reviewer, number, "授信审查", "RECOMMEND", {**proposed, **proposal})
        self.stage.complete(bank.approver, number, "授信审批", "APPROVE")

    def compare_and_accept(self) -> None:
        clerk, browser = self.cast.clerk, self.stage.browser(self.cast.clerk)
        page = browser.open(browser.open(self.need).link("比较 2 份报价"))
        compared = [page.row(name).text for name in ("综合年化成本", "年利率", "担保")]
        self.stage.done(clerk, "并排比较两份报价", "；".join(compared), page=page)
        self.offered_rate = rates_in(compared[0])[0]
        chosen = {"payment_mode": "ENTRUSTED", **PAYEE}
        self.stage.complete(clerk, self.case_a, "确认报价", "ACCEPT", chosen)

    def other_bank_is_told(self) -> None:
        manager = self.cast.bank_b.managers[0]
        page = self.stage.browser(manager).open(f"/cases/{self.case_b}/")
        if under_way(page):
            raise UnlikePage(f"企业已选择另一家银行，案件 {self.case_b} 仍在办理")
        said = f"{page.fact('案件状态')}，{page.fact('申请进度')}"
        self.stage.done(manager, "查看未被选中的案件", f"案件自动结束：{said}", page=page)

    def withdraw_consent(self) -> None:
        bank, browser = self.cast.bank_b, self.stage.browser(self.cast.legal)
        page = browser.open("/enterprise/consents/")
        page = browser.submit(page.form(action="/withdraw/", within=page.row(bank.name, "生效中")))
        self.stage.done(self.cast.legal, f"撤回对{bank.name}的授权", page.flash, page=page)
        facts = f"/institution/cases/{self.case_b}/facts/"
        self.stage.refused(bank.managers[0], facts, "撤回授权后再查看企业数据", HTTPStatus.FORBIDDEN)
        ledger = browser.open("/desk/ledger/")
        row = ledger.row(bank.name, "已拒绝").text
        self.stage.done(self.cast.legal, "查看谁看过本企业数据", f"被拒绝的一次也在册：{row}", page=ledger)

    def sign(self) -> None:
        clerk, legal, bank = self.cast.clerk, self.cast.legal, self.cast.bank_a
        item = self.stage.work(clerk, self.case_a, "企业签署合同")
        form = item.form(field="opinion")
        page = self.stage.browser(clerk).submit(form, {"has_read": True}, button="SIGN", expected=HTTPStatus.FORBIDDEN)
        self.stage.done(clerk, "没有签署授权而签署合同", f"被拒绝（403）：{page.heading}", page=page)
        self.stage.complete(legal, self.case_a, "企业签署合同", "SIGN", {"has_read": True})
        self.stage.complete(legal, self.case_a, "签署连带责任", "SIGN", {"has_read": True})
        self.stage.complete(bank.approver, self.case_a, "银行签署合同", "SIGN", {"has_read": True})
        browser = self.stage.browser(legal)
        listed = browser.open("/contracts/")
        page = browser.open(_first_address(listed.row(self.case_a)))
        self.contract_fen = fen_in(page.fact("借款金额"))
        self.stage.done(legal, "查看已签合同", f"{page.fact('状态')}，借款金额 {page.fact('借款金额')}", page=page)
        papers.read(self.stage, legal, page.link("下载合同（PDF）"), "下载已签合同", b"%PDF-")
        self.stage.refused(self.cast.stranger, page.address, "打开其他企业的合同", HTTPStatus.NOT_FOUND)

    def prepare_payment(self) -> None:
        manager = self.cast.bank_a.managers[0]
        proof = {"security_registration": "示例登记〔2026〕1号", "security_value_fen": str(AMOUNT_YUAN * 2)}
        self.stage.complete(manager, self.case_a, "落实担保", "SECURED", proof)
        note = {"fulfilment_note": "已核对近三个月银行流水（示例）"}
        self.stage.complete(manager, self.case_a, "落实批复条件", "FULFILLED", note)

    def pay(self) -> None:
        officer, manager = self.cast.bank_a.officer, self.cast.bank_a.managers[0]
        self.stage.complete(officer, self.case_a, "放款审核", "PASS", {"payees_checked": True})
        browser = self.stage.browser(manager)
        address = f"/cases/{self.case_a}/"

        def is_paid() -> bool:
            return any(step == "首次贷后检查" for step, _ in under_way(browser.open(address)))

        seconds = self.stage.until("银行核心系统付款", is_paid)
        page = browser.open(f"{address}?tab=funds")
        rates = rates_in(page.fact("年利率 / 综合年化"))
        if self.offered_rate not in rates:
            raise UnlikePage(f"报价的综合年化成本是 {self.offered_rate}，放款后却是 {'、'.join(rates)}")
        said = f"{seconds:.1f} 秒后到账，贷款起息；{self.stage.now(manager, self.case_a)}"
        self.stage.done(manager, "等待后台经银行核心系统付款", said, page=page)

    def check_after_loan(self) -> None:
        findings = {"use_findings": "资金按约定用途支付（示例）"}
        manager = self.cast.bank_a.managers[1]
        self.stage.complete(manager, self.case_a, "首次贷后检查", "NORMAL", findings)

    def repay(self) -> None:
        clerk, browser = self.cast.clerk, self.stage.browser(self.cast.clerk)
        listed = browser.open("/enterprise/loans/")
        self.stage.done(clerk, "查看我的贷款", listed.row(self.cast.bank_a.name).text, page=listed)
        self.loan = _first_address(listed.row(self.cast.bank_a.name))
        page = browser.open(self.loan)
        owed = fen_in(page.main.text.partition("今天一次还清共")[2])
        paying = {
            "kind": "SETTLEMENT", "amount_fen": f"{owed // 100}.{owed % 100:02d}",
            "account_number": "32050188000000005678", "bank_name": "示例姑苏银行",
        }  # fmt: skip
        page = browser.submit(page.form(field="kind"), paying)
        self.stage.done(clerk, "一次还清贷款", f"{page.flash}（{owed / 100:,.2f} 元）")
        seconds = self.stage.until("还款到账", lambda: "已结清" in _subtitle(browser.open(self.loan)))
        page = browser.open(self.loan)
        self.stage.done(
            clerk, "等待还款入账", f"{seconds:.1f} 秒后{_subtitle(page)}，未还本金 {page.fact('未还本金')}", page=page
        )

    def look_back(self) -> None:
        clerk, manager = self.cast.clerk, self.cast.bank_a.managers[0]
        for player in (clerk, manager):
            page = self.stage.browser(player).open(f"/cases/{self.case_a}/")
            state = page.fact("案件状态")
            if "归档" not in state:
                raise UnlikePage(f"贷款已结清，案件状态却是“{state}”")
            lines = len(list(page.main.all("li"))) if page.main.first("ol", class_="story") else 0
            self.stage.done(player, "查看归档案件", f"{state}，时间线 {lines} 条", page=page)
        flow = self.stage.browser(manager).open(f"/cases/{self.case_a}/?tab=flow")
        rows = len(list(flow.main.all("tr"))) - 1
        self.stage.done(manager, "查看全部步骤与期限", f"{rows} 个步骤", page=flow)


def fen_in(text: str) -> int:
    """Return the first amount of a text, in fen. Raises UnlikePage."""
    found = _YUAN.search(text)
    if not found:
        raise UnlikePage(f"“{text[:40]}”中没有金额")
    return int(found[1].replace(",", "").replace(".", ""))


def rates_in(text: str) -> list[str]:
    """Return every rate of a text as it stands there: ``4.35%``."""
    return re.findall(r"[\d.]+%", text)


def _card(matched: Page, bank: Bank) -> Element:
    """Return the card of the bank's product, which can be applied for."""
    for card in matched.main.all(class_="card"):
        if bank.name in card.text and bank.product in card.text and card.first("input", name="version"):
            return card
    raise UnlikePage(f"匹配结果中不能申请{bank.name}的“{bank.product}”")


def _verdicts(card: Element) -> str:
    """Return how many criteria are met, not met and unknown, as the card lists them."""
    counts = Counter(one.text for one in card.all("span", class_="verdict"))
    return "、".join(f"{verdict} {count} 项" for verdict, count in counts.items())


def _first_link(row: Element) -> str:
    found = row.first("a")
    return found.text if found else ""


def _first_address(row: Element) -> str:
    found = row.first("a")
    if not found:
        raise UnlikePage(f"“{row.text[:40]}”没有链接")
    return found["href"]


def _back(page: Page) -> str:
    found = page.main.first("a", class_="page-back")
    if not found:
        raise UnlikePage(f"页面“{page.heading}”没有返回的链接")
    return found["href"]


def _subtitle(page: Page) -> str:
    found = page.main.first("p", class_="page-subtitle")
    return found.text if found else ""
