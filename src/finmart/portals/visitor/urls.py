from django.urls import path

from finmart.portals.visitor import views

app_name = "visitor"
urlpatterns = [path("", views.front, name="front")]
