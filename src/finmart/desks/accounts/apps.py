from django.apps import AppConfig


class Accounts(AppConfig):
    name = "finmart.desks.accounts"
    label = "accounts_desk"
