from django.apps import AppConfig


class Matching(AppConfig):
    name = "finmart.centres.business.matching"
    label = "matching"
