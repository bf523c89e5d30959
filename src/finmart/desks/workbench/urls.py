from django.urls import path

from finmart.desks.workbench import views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("todo/", views.todo, name="todo"),
    path("soon/", views.soon, name="soon"),
    path("done/", views.done, name="done"),
    path("copied/", views.copied, name="copied"),
    path("started/", views.started, name="started"),
]
