"""Model files: how a model is written down and read back. What was tampered with is refused, never repaired."""

import hashlib
import hmac
import json
from math import isfinite
from typing import Any

from finmart.centres.data.risk.rules.binning import Bin, Binning
from finmart.centres.data.risk.rules.scorecard import Part, Scorecard
from finmart.centres.data.risk.types import ModelKind, UnableToUseModel

FORMAT = 1


def written(card: Scorecard) -> bytes:
    """Return the scorecard as a file: JSON in one order, so that equal cards have equal sums."""
    return _json(
        {"format": FORMAT, "kind": ModelKind.SCORECARD, "base": card.base, "parts": [_part(p) for p in card.parts]}
    )


def challenger_written(text: str, columns: list[str]) -> bytes:
    """Return the LightGBM model as a file."""
    return _json({"format": FORMAT, "kind": ModelKind.CHALLENGER, "columns": columns, "text": text})


def sum_of(content: bytes) -> str:
    """Return the SHA-256 of a model file, hex."""
    return hashlib.sha256(content).hexdigest()


def require_untouched(content: bytes, sha256: str) -> None:
    """Raise UnableToUseModel where the file is not the one that was registered."""
    if not hmac.compare_digest(sum_of(content), sha256):
        raise UnableToUseModel(
            "模型文件与登记的 SHA-256 不一致，可能被篡改，已拒绝使用",
            field="model",
            remedy="请停用该版本，核查数据库访问记录，并重新训练、审批新的版本",
        )


def read(content: bytes, sha256: str) -> Scorecard:
    """Return the scorecard of a file. Raises UnableToUseModel where it was tampered with or is no scorecard."""
    require_untouched(content, sha256)
    try:
        told = json.loads(content)
        if told["format"] != FORMAT or told["kind"] != ModelKind.SCORECARD:
            raise UnableToUseModel("该模型版本不是评分卡，不能用于评分", field="model", remedy="请选择评分卡版本")
        return Scorecard(told["base"], tuple(_part_of(part) for part in told["parts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UnableToUseModel("模型文件无法读取", field="model", remedy="请重新训练、审批新的版本") from error


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _part(part: Part) -> dict[str, Any]:
    bins = [_bin(b) | {"points": points} for b, points in zip(part.binning.bins, part.points, strict=True)]
    told = {} if part.reason is None else {"reason": part.reason}  # a card without words of people's keeps its sum
    return {"code": part.code, "is_text": part.binning.is_text, "bins": bins, **told}


def _bin(one: Bin) -> dict[str, Any]:
    return {
        "goods": one.goods, "bads": one.bads, "woe": one.woe, "weight": one.weight, "texts": list(one.texts),
        "lower": one.lower if isfinite(one.lower) else None, "upper": one.upper if isfinite(one.upper) else None,
        "is_missing": one.is_missing, "is_rest": one.is_rest,
    }  # fmt: skip


def _part_of(told: dict[str, Any]) -> Part:
    bins = tuple(
        Bin(
            one["goods"], one["bads"], one["woe"], one["weight"],
            float("-inf") if one["lower"] is None else one["lower"],
            float("inf") if one["upper"] is None else one["upper"],
            tuple(one["texts"]), one["is_missing"], one["is_rest"],
        )
        for one in told["bins"]
    )  # fmt: skip
    points = tuple(one["points"] for one in told["bins"])
    return Part(told["code"], Binning(bins, told["is_text"]), points, told.get("reason"))
