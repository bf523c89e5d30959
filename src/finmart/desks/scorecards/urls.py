from django.urls import path

from finmart.desks.scorecards import changing, views

app_name = "scorecards"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<uuid:uuid>/", views.card, name="card"),
    path("<uuid:uuid>/paper/", views.paper, name="paper"),
    path("<uuid:uuid>/approve/", views.approve, name="approve"),
    path("<uuid:uuid>/reject/", views.reject, name="reject"),
    path("<uuid:uuid>/points/<str:code>/", changing.points, name="points"),
    path("<uuid:uuid>/bins/<str:code>/", changing.bins, name="bins"),
    path("<uuid:uuid>/reason/<str:code>/", changing.reason, name="reason"),
]
