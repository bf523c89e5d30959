from django.apps import AppConfig


class Applications(AppConfig):
    name = "finmart.centres.business.applications"
    label = "applications"
