from django.apps import AppConfig


class Ui(AppConfig):
    name = "finmart.ui"
    label = "ui"
