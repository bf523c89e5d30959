from django.apps import AppConfig


class Emergencies(AppConfig):
    name = "finmart.centres.governance.emergencies"
    label = "emergencies"
