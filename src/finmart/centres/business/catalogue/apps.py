from django.apps import AppConfig


class Catalogue(AppConfig):
    name = "finmart.centres.business.catalogue"
    label = "catalogue"
