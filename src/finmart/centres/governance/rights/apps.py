from django.apps import AppConfig


class Rights(AppConfig):
    name = "finmart.centres.governance.rights"
    label = "rights"
