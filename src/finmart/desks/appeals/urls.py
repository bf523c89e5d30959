from django.urls import path

from finmart.desks.appeals import views

app_name = "appeals"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.new, name="new"),
]
