from django.urls import path

from finmart.desks.rights import views

app_name = "rights"
urlpatterns = [
    path("", views.own, name="own"),
    path("new/", views.new, name="new"),
    path("<uuid:uuid>/", views.show, name="request"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:uuid>/appeal/", views.appeal, name="appeal"),
    path("<uuid:uuid>/archive/", views.archive, name="archive"),
]
