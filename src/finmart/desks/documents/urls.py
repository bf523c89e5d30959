from django.urls import path

from finmart.desks.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.own, name="own"),
    path("upload/", views.upload, name="upload"),
    path("<uuid:uuid>/", views.download, name="download"),
    path("<uuid:uuid>/history/", views.history, name="history"),
    path("<uuid:uuid>/versions/<int:number>/", views.download, name="version"),
]
