from django.urls import path

from finmart.portals.operator import calendar, matching, overview, parameters, products, stress

app_name = "operator"
urlpatterns = [
    path("", overview.home, name="home"),
    path("products/", products.listing, name="products"),
    path("products/<uuid:uuid>/", products.show, name="product"),
    path("products/<uuid:uuid>/publish/", products.publish, name="product_publish"),
    path("products/<uuid:uuid>/send-back/", products.send_back, name="product_send_back"),
    path("products/<uuid:uuid>/delist/", products.delist, name="product_delist"),
    path("stress/", stress.ask, name="stress"),
    path("matching/", matching.quality, name="matching"),
    path("parameters/", parameters.listing, name="parameters"),
    path("parameters/<str:key>/", parameters.show, name="parameter"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/<str:on>/", calendar.day, name="day"),
]
