from django.urls import path

from finmart.portals.operator import calendar, parameters

app_name = "operator"
urlpatterns = [
    path("parameters/", parameters.listing, name="parameters"),
    path("parameters/<str:key>/", parameters.show, name="parameter"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/<str:on>/", calendar.day, name="day"),
]
