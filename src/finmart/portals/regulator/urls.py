from django.urls import path

from finmart.portals.regulator import watching

app_name = "regulator"
urlpatterns = [
    path("", watching.home, name="home"),
]
