from django.apps import AppConfig


class Keys(AppConfig):
    name = "finmart.centres.technical.keys"
    label = "keys"
