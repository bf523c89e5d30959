from django.urls import path

from finmart.desks.disclosures import views

app_name = "disclosures"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("export/", views.export, name="export"),
]
