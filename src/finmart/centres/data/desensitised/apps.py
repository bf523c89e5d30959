from django.apps import AppConfig


class Desensitised(AppConfig):
    name = "finmart.centres.data.desensitised"
    label = "desensitised"
