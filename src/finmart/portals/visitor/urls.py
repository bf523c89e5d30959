from django.urls import path

from finmart.portals.visitor import views

app_name = "visitor"
urlpatterns = [
    path("", views.front, name="front"),
    path("products/", views.products, name="products"),
    path("products/compare/", views.compare, name="compare"),
    path("products/<uuid:uuid>/", views.product, name="product"),
]
