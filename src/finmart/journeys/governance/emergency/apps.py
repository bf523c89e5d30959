from django.apps import AppConfig


class Emergency(AppConfig):
    name = "finmart.journeys.governance.emergency"
    label = "emergency"
