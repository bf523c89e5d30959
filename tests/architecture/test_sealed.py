"""What identifies a person is sealed wherever it is stored; an exception stands here with its reason (clause D2)."""

import pytest
from django.apps import apps

from finmart.kit.crypto import EncryptedText, KeyedDigest
from finmart.kit.grades import Graded, Shape

IDENTIFYING = {Shape.ACCOUNT, Shape.ADDRESS, Shape.EMAIL, Shape.IDENTITY, Shape.NAME, Shape.PHONE}
PLAIN = {
    "audit.Entry.actor_label": "holds Actor.label, no name; rows from before are covered by their hash",
    "parties.Person.identity_masked": "is masked as it is",
}


@pytest.mark.clause("D2")
def test_every_identifier_is_sealed():
    plain, seen = [], 0
    for model in apps.get_models():
        declared = vars(model).get("grades")
        if not isinstance(declared, Graded):
            continue
        for name, grading in declared.fields.items():
            if grading.shape not in IDENTIFYING:
                continue
            seen += 1
            if not isinstance(model._meta.get_field(name), EncryptedText | KeyedDigest):
                plain.append(f"{model._meta.label}.{name}")
    assert sorted(plain) == sorted(PLAIN)
    assert seen > len(PLAIN) + 5
