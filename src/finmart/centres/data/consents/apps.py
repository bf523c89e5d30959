from django.apps import AppConfig


class Consents(AppConfig):
    name = "finmart.centres.data.consents"
    label = "consents"
