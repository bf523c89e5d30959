from django.urls import path

from finmart.desks.products import what_if

app_name = "products"
urlpatterns = [
    path("<uuid:uuid>/what-if/", what_if.show, name="what_if"),
]
