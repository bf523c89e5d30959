"""When what is seen may be an emergency. Pure: warnings, circles, stress and thresholds come in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from finmart.centres.governance.emergencies.types import Level, Trigger

CLUSTER, CIRCLE, SYSTEMIC, OUTAGE = "default_cluster", "guarantee_circle", "systemic_stress", "source_outage"
MOST_NAMED = 40


def of_red(places: Iterable[tuple[str, str]], least: int) -> list[Trigger]:
    """Propose for every district or cluster (code, name) in which so many firms stand in red."""
    counted = Counter(places)
    return [
        Trigger(
            CLUSTER, code, Level.II if number >= 2 * least else Level.III,
            f"{name}有 {number} 家企业处于红色预警（达到 {least} 家即建议研判）",
        )
        for (code, name), number in sorted(counted.items())
        if number >= least and code
    ]  # fmt: skip


def of_circles(circles: Sequence[Sequence[str]], red: Mapping[str, str]) -> list[Trigger]:
    """Propose for every guarantee circle with a firm in red; firms by uuid, ``red`` uuid → name."""
    found = []
    for circle in circles:
        struck = sorted(red[one] for one in circle if one in red)
        if struck:
            names = "、".join(struck)[:MOST_NAMED]
            found.append(
                Trigger(CIRCLE, min(circle), Level.III, f"{len(circle)} 家企业的担保圈中 {names} 处于红色预警")
            )
    return found


def of_stress(stress: float, firms: int, least: float) -> list[Trigger]:
    """Propose where the failure of all firms in red would put so much stress on the whole."""
    if not firms or stress < least:
        return []
    told = f"假设 {firms} 家红色预警企业全部出险，全网压力 {stress:.1%}（达到 {least:.0%} 即建议研判）"
    return [Trigger(SYSTEMIC, "ALL", Level.I if stress >= 2 * least else Level.II, told)]


def of_outages(silent: Sequence[tuple[str, str, str]], least: int) -> list[Trigger]:
    """Propose for every source (code, name, what is wrong) that is down; for all at once where so many are."""
    if len(silent) < least:
        return [Trigger(OUTAGE, code, Level.III, told) for code, _, told in silent]
    names = "、".join(name for _, name, _ in silent)
    return [Trigger(OUTAGE, "ALL", Level.II, f"{len(silent)} 个数据来源同时中断（达到 {least} 个即合并研判）：{names}")]
