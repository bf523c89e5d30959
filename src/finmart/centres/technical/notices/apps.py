from django.apps import AppConfig


class Notices(AppConfig):
    name = "finmart.centres.technical.notices"
    label = "notices"
