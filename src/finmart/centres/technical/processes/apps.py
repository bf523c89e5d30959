from django.apps import AppConfig


class Processes(AppConfig):
    name = "finmart.centres.technical.processes"
    label = "processes"
