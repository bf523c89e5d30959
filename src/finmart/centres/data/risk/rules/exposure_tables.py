"""From two tables, exposures and balances, to a network; whatever does not fit is refused by name and place.

``exposures`` is a square matrix: its first column names the rows, its heading the columns; row i, column j is what i
loses where j fails. ``balances`` names its nodes in the first column (or one called name or bank) and has a column
``buffer`` and one ``weights``.
"""

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from finmart.centres.data.risk.types import ExposureNetwork, UnableToSpread

NAME_COLUMNS = ("name", "bank", "enterprise", "名称")
_NUMBERED = re.compile(r"(\D*)0*(\d+)")
_SHOWN = 5


def network_of(exposures: pl.DataFrame, balances: pl.DataFrame) -> ExposureNetwork:
    """Return the network of two tables whose cells are text or numbers. Raises UnableToSpread."""
    matrix, names = _matrix(exposures)
    place, known = _balance_names(balances)
    if names is None:
        names = _numbered_names(known, len(matrix))
        order = list(range(len(names)))
    else:
        order = _order(names, known)
    buffers = _amounts(balances, "buffer", place)[order]
    weights = _amounts(balances, "weights", place)[order]
    _refuse(buffers <= 0, known, order, "buffer", "资本缓冲（buffer）必须大于零")
    _refuse(weights < 0, known, order, "weights", "权重（weights）不能为负")
    if not weights.sum() > 0:
        raise UnableToSpread("权重（weights）合计为零", field="weights", remedy="请至少给一个主体大于零的权重")
    lenders, borrowers = np.nonzero(matrix)
    return ExposureNetwork(tuple(names), lenders, borrowers, matrix[lenders, borrowers], buffers, weights)


def _matrix(exposures: pl.DataFrame) -> tuple[NDArray[np.float64], list[str] | None]:
    """Return the matrix and its names, or None where rows and columns are only numbered."""
    across = [heading.strip() for heading in exposures.columns[1:]]
    if not across or exposures.height != len(across):
        raise UnableToSpread(
            f"敞口矩阵不是方阵：{exposures.height} 行 × {len(across)} 列（第一列为行名）",
            field="exposures",
            remedy="请按“行名一列、其余每个主体一列”导出，行与列的主体相同",
        )
    down = [str(name).strip() for name in exposures[:, 0].to_list()]
    matrix = np.column_stack([_column(exposures, place) for place in range(1, exposures.width)])
    shown = [name if not _only_numbered(across) else str(number) for number, name in enumerate(across, 1)]
    for faulty, what in (
        (matrix < 0, "敞口不能为负"),
        (np.eye(len(matrix), dtype=np.bool_) & (matrix != 0), "主体对自己不能有敞口"),
    ):
        if faulty.any():
            row, column = (int(place) for place in np.argwhere(faulty)[0])
            raise UnableToSpread(
                f"{what}：第 {row + 1} 行（{down[row]}）“{shown[column]}”列是 {matrix[row, column]:g}",
                field="exposures",
                remedy="请改正该单元格",
            )
    return matrix, _agreed_names(down, across)


def _agreed_names(down: list[str], across: list[str]) -> list[str] | None:
    if _only_numbered(across):
        return None if _only_numbered(down) else _unique(down, "敞口矩阵的行名")
    if not _only_numbered(down) and down != across:
        row = next(place for place, pair in enumerate(zip(down, across, strict=True)) if pair[0] != pair[1])
        raise UnableToSpread(
            f"敞口矩阵的行名与列名不一致：第 {row + 1} 行是“{down[row]}”，第 {row + 1} 列是“{across[row]}”",
            field="exposures",
            remedy="行与列须是同样的主体、同样的次序",
        )
    return _unique(across, "敞口矩阵的列名")


def _only_numbered(names: Sequence[str]) -> bool:
    """Say whether these are no names but places, as R writes them: 1, 2, 3 … or V1, V2, V3 …"""
    places = [str(number) for number in range(1, len(names) + 1)]
    return list(names) in (places, [f"V{place}" for place in places])


def _balance_names(balances: pl.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Return the columns by their plain names, and the names of the nodes."""
    place = {heading.strip().lower(): heading for heading in balances.columns}
    missing = [name for name in ("buffer", "weights") if name not in place]
    if missing:
        raise UnableToSpread(
            f"余额表缺少列：{'、'.join(missing)}",
            field="balances",
            remedy=f"需要名称、buffer（资本缓冲）、weights（权重）三列；该表的列是：{_listed(balances.columns)}",
        )
    heading = next((place[name] for name in NAME_COLUMNS if name in place), balances.columns[0])
    if heading in (place["buffer"], place["weights"]):
        raise UnableToSpread("余额表缺少名称列", field="balances", remedy="请把主体的名称放在第一列")
    return place, _unique([str(name).strip() for name in balances[heading].to_list()], "余额表的名称")


def _numbered_names(known: list[str], size: int) -> list[str]:
    """Return vertex_1 … vertex_n, where the balances are numbered the same way; a matrix of places has no names."""
    split = [_NUMBERED.fullmatch(name) for name in known]
    numbered = [(match[1], int(match[2])) for match in split if match]
    prefix = numbered[0][0] if numbered else ""
    if numbered != [(prefix, number) for number in range(1, size + 1)]:
        raise UnableToSpread(
            f"敞口矩阵只有编号 1 至 {size}，余额表的名称却不是依次编号的 {size} 个主体",
            field="balances",
            remedy="请在矩阵中写明主体名称，或让余额表的名称依次以 1、2、3… 结尾",
        )
    return [f"vertex_{number}" for number in range(1, size + 1)]


def _order(names: list[str], known: list[str]) -> list[int]:
    places = {name: place for place, name in enumerate(known)}
    lacking, extra = sorted(set(names) - set(known)), sorted(set(known) - set(names))
    if lacking or extra:
        said = [f"{where}没有 {_listed(those)}" for where, those in (("余额表", lacking), ("敞口矩阵", extra)) if those]
        raise UnableToSpread(f"名称对不上：{'；'.join(said)}", field="balances", remedy="两张表须列出同样的主体")
    return [places[name] for name in names]


def _unique(names: list[str], what: str) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice or not all(names):
        told = f"重复：{_listed(twice)}" if twice else "有空白"
        raise UnableToSpread(f"{what}{told}", field="names", remedy="每个主体须有一个不重复的名称")
    return names


def _listed(names: list[str]) -> str:
    more = f" 等 {len(names)} 个" if len(names) > _SHOWN else ""
    return "、".join(name[:40] for name in names[:_SHOWN]) + more


def _column(table: pl.DataFrame, place: int) -> NDArray[np.float64]:
    column = table[:, place]
    read = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    unread = read.is_null() | ~read.is_finite()
    if unread.fill_null(value=True).any():
        row = int(unread.fill_null(value=True).arg_max() or 0)
        raise UnableToSpread(
            f"“{column.name.strip()}”列第 {row + 1} 行不是数字：{str(column[row])[:40]}",
            field=column.name.strip(),
            remedy="请填写普通的数字；没有敞口填 0，缺失的资本缓冲不能当作 0",
        )
    return read.to_numpy()


def _amounts(balances: pl.DataFrame, name: str, place: dict[str, str]) -> NDArray[np.float64]:
    return _column(balances, balances.columns.index(place[name]))


def _refuse(faulty: NDArray[np.bool_], known: list[str], order: list[int], field: str, what: str) -> None:
    if faulty.any():
        names = [known[order[int(place)]] for place in np.flatnonzero(faulty)]
        raise UnableToSpread(f"{what}：{_listed(names)}", field=field, remedy="请改正余额表")
