from django.apps import AppConfig


class Funds(AppConfig):
    name = "finmart.centres.business.funds"
    label = "funds"
