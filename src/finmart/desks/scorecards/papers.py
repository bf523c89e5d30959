"""A model card as a paper."""

from typing import Any

from finmart.centres.data.risk.types import ModelCard
from finmart.integrations import typst
from finmart.kit import clock

NOTICE = "评分只供参考：平台提供信息，是否授信由机构决定；对因评分被拒绝的申请，可要求人工复核。"


def card_paper(card: ModelCard) -> bytes:
    """Return the card as PDF, with everything the page shows."""
    row = card.row
    sections = [_origin(card), *_measures(card), *_points(card), *_use(card)]
    return typst.render(
        "report",
        {
            "title": f"模型卡：{row.name} 第 {row.number} 版",
            "subtitle": f"{row.kind_label} · {row.state_label}",
            "made_on": f"{clock.today():%Y-%m-%d}",
            "notice": NOTICE,
            "sections": sections,
        },
    )


def _section(heading: str, columns: tuple[str, ...] = (), rows: Any = (), paragraphs: tuple[str, ...] = ()) -> Any:
    texts = [[str(cell) for cell in row] for row in rows]
    return {"heading": heading, "paragraphs": paragraphs, "columns": columns if texts else (), "rows": texts}


def _origin(card: ModelCard) -> Any:
    row, told = card.row, card.training
    opinions = [
        (one.person_name, "同意" if one.is_approval else f"不同意：{one.reason}", f"{one.given_at:%Y-%m-%d}")
        for one in card.opinions
    ]
    lines = (
        f"训练样本 {told['rows']} 行，其中违约 {told['bads']} 行；标签：{told['label']}。检验方式：{told['how']}。",
        f"训练（或调整）人：{row.made_by_name}，{row.made_at:%Y-%m-%d}。",
        "模型文件的 SHA-256：",
        row.sha256,
        *((f"调整理由：{card.note}",) if card.note else ()),
        *(
            (f"未使用的列：{'；'.join(f'{name}（{why}）' for name, why in told['refused'])}。",)
            if told["refused"]
            else ()
        ),
    )
    return _section("来历与审批", ("审批人", "意见", "日期"), opinions, lines)


def _measures(card: ModelCard) -> list[Any]:
    told = card.measures
    if told is None:
        return [_section("检验结果", paragraphs=("本版由人工调整而来，训练样本没有保留，没有单独回测。",))]
    table = told["confusion"]
    figures = (
        ("AUC", f"{told['auc']:.4f} ± {told['auc_spread']:.4f}"),
        ("KS", f"{told['ks']:.4f}"),
        ("Brier", f"{told['brier']:.4f}"),
        ("检验行数（违约）", f"{told['rows']}（{told['bads']}）"),
        (f"以 {table['threshold']:.0%} 为界判中 / 漏判", f"{table['tp']} / {table['fn']}"),
        ("未违约误判 / 判对", f"{table['fp']} / {table['tn']}"),
    )
    groups = [(one["rows"], f"{one['expected']:.1%}", f"{one['observed']:.1%}") for one in told["calibration"]]
    before = told.get("before")
    compared = (
        [
            (name.upper() if name != "brier" else "Brier", f"{before[name]:.4f}", f"{told[name]:.4f}")
            for name in ("auc", "ks", "brier")
        ]
        if before
        else []
    )
    return [
        _section("检验结果", ("指标", "数值"), figures),
        *([_section("调整前后", ("指标", "调整前", "调整后"), compared)] if compared else []),
        _section("校准", ("行数", "预期违约率", "实际违约率"), groups),
    ]


def _points(card: ModelCard) -> list[Any]:
    if not card.parts:
        return []
    head = _section("分值表", paragraphs=(f"基础分 {card.base}，加各列所在分箱的分值即为总分；分数越高风险越低。",))
    return [head] + [
        _section(
            part.label,
            ("分箱", "样本", "违约率", "分值"),
            [
                (one.text, one.rows, "—" if one.bad_rate is None else f"{one.bad_rate:.1%}", one.points)
                for one in part.bins
            ],
            tuple(filter(None, (part.formula, _told_as(part.reason)))),
        )
        for part in card.parts
    ]


def _told_as(reason: str | None) -> str:
    if reason is None:
        return ""
    return f"作为扣分原因时告知企业：{reason}" if reason else "不作为扣分原因告知企业"


def _use(card: ModelCard) -> list[Any]:
    drift = "尚无评分" if card.drift is None else f"{card.drift:.4f}"
    lines = (f"已评分 {card.scores} 次；分数稳定性 PSI：{drift}（0.1 以下稳定，0.25 以上已偏移，为本产品缺省）。",)
    return [
        _section("使用中的变化", paragraphs=lines),
        _section(
            "漂移监测（每日一次）",
            ("日期", "企业", "PSI", "阈值", "结论"),
            [
                (
                    f"{one.checked_on:%Y-%m-%d}",
                    one.scores,
                    f"{one.index:.4f}",
                    f"{one.threshold:.2f}",
                    "已偏移" if one.is_beyond else "阈值内",
                )
                for one in card.history
            ],
        ),
        *(
            _section(
                f"各组差异：{heading}",
                ("组", "企业", "平均违约概率", "低于界限占比"),
                [(one.group, one.rows, f"{one.mean_chance:.1%}", f"{one.passed_share:.1%}") for one in rows],
            )
            for heading, rows in card.gaps
        ),
    ]
