from django.apps import AppConfig


class Instruments(AppConfig):
    name = "finmart.centres.business.instruments"
    label = "instruments"
