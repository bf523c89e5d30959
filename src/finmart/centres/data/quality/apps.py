from django.apps import AppConfig


class Quality(AppConfig):
    name = "finmart.centres.data.quality"
    label = "quality"
