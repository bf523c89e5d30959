from django.apps import AppConfig


class AppealJourney(AppConfig):
    name = "finmart.journeys.governance.appeal"
    label = "appeal"
