from django.apps import AppConfig


class Parties(AppConfig):
    name = "finmart.centres.technical.parties"
    label = "parties"
