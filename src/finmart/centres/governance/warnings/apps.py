from django.apps import AppConfig


class Warnings(AppConfig):
    name = "finmart.centres.governance.warnings"
    label = "warnings"
