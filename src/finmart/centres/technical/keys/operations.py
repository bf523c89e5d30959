"""Adding, changing and retiring keys; sealing anew what earlier ones made."""

from django.db.models import F

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.keys import queries
from finmart.centres.technical.keys.models import KnownKey, Rotation
from finmart.centres.technical.keys.types import KeysAct, Resealed, UnableToRetire
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.crypto import Key, Keyring, KeysUnavailable, Purpose, keyring, resealing, ring
from finmart.kit.errors import NotFound


def register(actor: Actor) -> int:
    """Note the keys of the file in the database; return how many are new.

    Raises KeysUnavailable where a key this database was written with is missing from the file, or is another.
    """
    transactions.require()
    queries.require(actor)
    known = {one.key_id: one for one in KnownKey.objects.filter(retired_at=None)}
    there = ring().by_id
    missing = sorted(set(known) - set(there))
    if missing:
        raise KeysUnavailable(f"密钥文件中没有 {'、'.join(missing)}，而数据库的数据由它加密：请从备份恢复密钥文件")
    wrong = sorted(key for key, one in known.items() if one.check_value != there[key].check_value)
    if wrong:
        raise KeysUnavailable(f"密钥 {'、'.join(wrong)} 与加密数据库的密钥同名而不同：密钥文件属于另一套平台")
    new = [one for key, one in there.items() if key not in known]
    for one in new:
        _note(one)
    return len(new)


def add(actor: Actor, *, purpose: Purpose, algorithm: str = "") -> str:
    """Add a key that only reads so far, to be brought to every machine before :func:`rotate`; return its id."""
    transactions.require()
    queries.require(actor)
    made = keyring.new_key(purpose, clock.now(), algorithm=algorithm)
    _note(made)
    keyring.change(lambda keys: Keyring((*keys.keys, made)))
    audit_operations.record(
        actor, KeysAct.KEY_ADD, f"key:{made.id}", purpose=str(purpose), algorithm=str(made.algorithm)
    )
    return made.id


def rotate(actor: Actor, key_id: str) -> None:
    """Have a key write from now on, and what other keys made sealed anew. Raises NotFound where it is not there."""
    transactions.require()
    queries.require(actor)
    key = ring().by_id.get(key_id)
    if key is None:
        raise NotFound(f"密钥文件中没有 {key_id}")
    known = KnownKey.objects.filter(key_id=key_id).first() or _note(key)
    Rotation.objects.filter(key__purpose=key.purpose, ended_at=None).update(ended_at=clock.now())
    Rotation.objects.create(key=known, begun_at=clock.now())
    since = clock.now() - clock.shift()  # to be compared with the database's own clock
    keyring.change(lambda keys: keyring.made_current(keys, key_id, since))
    audit_operations.record(actor, KeysAct.KEY_ROTATE, f"key:{key_id}", purpose=str(key.purpose))


def reseal(actor: Actor, name: str, after: int = 0, *, batch: int = resealing.BATCH) -> Resealed:
    """Bring the next rows of a column (``parties.person.phone``) to the current key; may be repeated at any time."""
    transactions.require()
    queries.require(actor)
    column = next(one for purpose in Purpose for one in resealing.columns(purpose) if str(one) == name)
    rows, latest = resealing.reseal(column, after, batch)
    if rows:
        open_now = Rotation.objects.filter(key__purpose=column.purpose, ended_at=None)
        open_now.update(rows=F("rows") + rows)
    return Resealed(rows, latest)


def finish(actor: Actor) -> list[str]:
    """End the rotations that have nothing left to do; return the ids of their keys."""
    transactions.require()
    queries.require(actor)
    stale = {one.purpose for one in queries.columns_for(actor) if one.stale}
    done = [one for one in Rotation.objects.filter(ended_at=None).select_related("key") if one.key.purpose not in stale]
    for one in done:
        one.ended_at = clock.now()
        one.save(update_fields=["ended_at"])
    return [one.key.key_id for one in done]


def retire(actor: Actor, key_id: str) -> None:
    """Remove a key from the file for good. Raises NotFound, UnableToRetire where it writes or a value needs it."""
    transactions.require()
    queries.require(actor)
    key = ring().by_id.get(key_id)
    if key is None:
        raise NotFound(f"密钥文件中没有 {key_id}")
    if key.is_current:
        raise UnableToRetire(f"{key_id} 是在用的密钥，不能停用", remedy="先用 finmart keys rotate 换上新密钥")
    writing = queries.transactions_from_before(key)
    if writing:
        raise UnableToRetire(
            f"还有 {writing} 个在更换密钥前开始的事务可能用 {key_id} 写入", remedy="请在它们结束后重试（通常几秒）"
        )
    used = queries.values_of(key)
    if used:
        listed = "，".join(f"{name} {rows} 行" for name, rows in used.items())
        raise UnableToRetire(
            f"还有 {sum(used.values())} 个值需要 {key_id}：{listed}", remedy="先运行 finmart keys reseal"
        )
    KnownKey.objects.filter(key_id=key_id).update(retired_at=clock.now())
    audit_operations.record(actor, KeysAct.KEY_RETIRE, f"key:{key_id}", purpose=str(key.purpose))
    keyring.change(lambda keys: Keyring(tuple(one for one in keys.keys if one.id != key_id)))


def _note(key: Key) -> KnownKey:
    return KnownKey.objects.create(
        key_id=key.id, purpose=key.purpose, algorithm=str(key.algorithm), check_value=key.check_value,
        made_at=key.made_at,
    )  # fmt: skip
