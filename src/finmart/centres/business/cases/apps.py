from django.apps import AppConfig


class Cases(AppConfig):
    name = "finmart.centres.business.cases"
    label = "cases"
