from django.apps import AppConfig


class Parameters(AppConfig):
    name = "finmart.centres.technical.parameters"
    label = "parameters"
