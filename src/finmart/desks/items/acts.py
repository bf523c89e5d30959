"""What a person may do with a work item beside completing it: one form and one call per act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms

from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import operations
from finmart.centres.technical.processes.types import ItemView, ProcessesAct
from finmart.kit.actor import Actor

_REASON = forms.Textarea(attrs={"rows": 2})


class ReasonForm(forms.Form):
    opinion = forms.CharField(label="说明", max_length=500, required=False, widget=_REASON)


class ColleagueForm(ReasonForm):
    """An act that names a colleague of the same organisation."""

    field_order = ("person", "opinion")
    person = forms.TypedChoiceField(label="同事", coerce=int)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        person = self.fields["person"]
        if isinstance(person, forms.ChoiceField):
            person.choices = people


class ReturnForm(forms.Form):
    """Back to an earlier step, with the reason."""

    target = forms.ChoiceField(label="退回到")
    opinion = forms.CharField(label="退回原因", max_length=500, widget=_REASON)

    def __init__(self, *args: Any, targets: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        target = self.fields["target"]
        if isinstance(target, forms.ChoiceField):
            target.choices = targets


Call = Callable[[Actor, ItemView, dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class ItemAct:
    """One act: its address, label, permission, kind of form (``none``, ``colleague``, ``return``) and call."""

    slug: str
    label: str
    permission: ProcessesAct
    form: str
    call: Call


ACTS = (
    ItemAct("claim", "认领", ProcessesAct.ITEM_CLAIM, "none", lambda a, i, _: operations.claim(a, i.uuid)),
    ItemAct("release", "退回待领", ProcessesAct.ITEM_RELEASE, "none", lambda a, i, _: operations.release(a, i.uuid)),
    ItemAct(
        "transfer", "转办", ProcessesAct.ITEM_TRANSFER, "colleague",
        lambda a, i, v: operations.transfer(a, i.uuid, person_id=v["person"], opinion=v["opinion"]),
    ),
    ItemAct(
        "delegate", "委派", ProcessesAct.ITEM_DELEGATE, "colleague",
        lambda a, i, v: operations.delegate(a, i.uuid, person_id=v["person"], opinion=v["opinion"]),
    ),
    ItemAct(
        "add-signer", "加签", ProcessesAct.ITEM_ADD_SIGNER, "colleague",
        lambda a, i, v: operations.add_signer(a, i.uuid, person_ids=[v["person"]], opinion=v["opinion"]),
    ),
    ItemAct(
        "remove-signer", "减签", ProcessesAct.ITEM_REMOVE_SIGNER, "colleague",
        lambda a, i, v: operations.remove_signer(a, i.uuid, person_id=v["person"], opinion=v["opinion"]),
    ),
    ItemAct(
        "copy", "抄送", ProcessesAct.ITEM_COPY, "colleague",
        lambda a, i, v: operations.copy(a, i.uuid, person_ids=[v["person"]], opinion=v["opinion"]),
    ),
    ItemAct(
        "recuse", "申报回避", ProcessesAct.ITEM_RECUSE, "none",
        lambda a, i, v: operations.recuse(a, i.uuid, opinion=v["opinion"]),
    ),
    ItemAct(
        "return", "退回", ProcessesAct.ITEM_RETURN, "return",
        lambda a, i, v: operations.return_to(a, i.uuid, v["target"], opinion=v["opinion"]),
    ),
    ItemAct(
        "urge", "催办", ProcessesAct.ITEM_URGE, "none",
        lambda a, i, v: operations.urge(a, i.uuid, opinion=v["opinion"]),
    ),
    ItemAct(
        "withdraw", "撤回", ProcessesAct.ITEM_WITHDRAW, "none",
        lambda a, i, _: operations.withdraw(a, i.uuid),
    ),
)  # fmt: skip


def allowed(item: ItemView) -> list[ItemAct]:
    """Return the acts this actor may do with the item now."""
    return [act for act in ACTS if act.permission in item.acts]


def named(item: ItemView, slug: str) -> ItemAct | None:
    return next((act for act in allowed(item) if act.slug == slug), None)


def form_for(act: ItemAct, actor: Actor, item: ItemView, posted: Any = None) -> forms.Form:
    """Return the act's form, bound where something was posted."""
    if act.form == "colleague":
        return ColleagueForm(posted, people=[one for one in colleagues(actor) if one[0] != actor.person_id])
    if act.form == "return":
        return ReturnForm(posted, targets=[(one.step, f"{one.name}（{one.lane}）") for one in item.return_targets])
    return ReasonForm(posted)


def colleagues(actor: Actor, roles: Iterable[str] = ()) -> list[tuple[int, str]]:
    """Return (id, name) of people of the actor's organisation who hold any of the roles, all where none is named."""
    members = parties_queries.members_with_role(actor.organisation_id or 0, *roles)
    return [(one.id, one.full_name) for one in members]
