from django.apps import AppConfig


class Profiles(AppConfig):
    name = "finmart.centres.data.profiles"
    label = "profiles"
