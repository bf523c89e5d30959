from django.apps import AppConfig


class Documents(AppConfig):
    name = "finmart.centres.technical.documents"
    label = "documents"
