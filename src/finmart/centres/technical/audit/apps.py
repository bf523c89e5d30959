from django.apps import AppConfig


class Audit(AppConfig):
    name = "finmart.centres.technical.audit"
    label = "audit"
