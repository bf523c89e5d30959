from django.urls import path

from finmart.desks.items import views

app_name = "items"
urlpatterns = [
    path("<uuid:uuid>/", views.show, name="item"),
    path("<uuid:uuid>/complete/", views.complete, name="complete"),
    path("<uuid:uuid>/<slug:act>/", views.act, name="act"),
]
