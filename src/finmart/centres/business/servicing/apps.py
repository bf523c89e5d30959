from django.apps import AppConfig


class Servicing(AppConfig):
    name = "finmart.centres.business.servicing"
    label = "servicing"
