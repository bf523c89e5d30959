from django.apps import AppConfig


class Visitor(AppConfig):
    name = "finmart.portals.visitor"
    label = "visitor"
