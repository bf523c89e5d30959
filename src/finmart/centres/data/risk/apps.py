from django.apps import AppConfig


class Risk(AppConfig):
    name = "finmart.centres.data.risk"
    label = "risk"
