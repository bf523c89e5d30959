from django.apps import AppConfig


class Masking(AppConfig):
    name = "finmart.centres.technical.masking"
    label = "masking"
