from django.apps import AppConfig


class Sources(AppConfig):
    name = "finmart.centres.data.sources"
    label = "sources"
