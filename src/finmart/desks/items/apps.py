from django.apps import AppConfig


class ItemsDesk(AppConfig):
    name = "finmart.desks.items"
    label = "items_desk"
