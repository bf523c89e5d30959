from django.urls import path

from finmart.desks.contracts import views

app_name = "contracts"
urlpatterns = [
    path("", views.listed, name="list"),
    path("<uuid:uuid>/", views.page, name="page"),
    path("<uuid:uuid>/sign/", views.sign, name="sign"),
    path("<uuid:uuid>/void/", views.void, name="void"),
]
