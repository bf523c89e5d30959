from django.urls import path

from finmart.desks.messages import views

app_name = "notices"
urlpatterns = [
    path("", views.own, name="own"),
    path("read/", views.read_all, name="read_all"),
    path("<uuid:uuid>/", views.follow, name="follow"),
]
