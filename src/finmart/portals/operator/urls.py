from django.urls import path

from finmart.portals.operator import (
    calendar,
    grades,
    matching,
    overview,
    parameters,
    products,
    quality,
    stress,
    warnings,
)

app_name = "operator"
urlpatterns = [
    path("", overview.home, name="home"),
    path("products/", products.listing, name="products"),
    path("products/<uuid:uuid>/", products.show, name="product"),
    path("products/<uuid:uuid>/publish/", products.publish, name="product_publish"),
    path("products/<uuid:uuid>/send-back/", products.send_back, name="product_send_back"),
    path("products/<uuid:uuid>/delist/", products.delist, name="product_delist"),
    path("warnings/", warnings.listing, name="warnings"),
    path("warnings/rules/", warnings.rules, name="warning_rules"),
    path("warnings/<uuid:uuid>/", warnings.show, name="warning"),
    path("warnings/<uuid:uuid>/take/", warnings.take, name="warning_take"),
    path("warnings/<uuid:uuid>/act/", warnings.act, name="warning_act"),
    path("warnings/<uuid:uuid>/lift/", warnings.lift, name="warning_lift"),
    path("warnings/<uuid:uuid>/assign/", warnings.assign, name="warning_assign"),
    path("warnings/<uuid:uuid>/upgrade/", warnings.upgrade, name="warning_upgrade"),
    path("quality/", quality.listing, name="quality"),
    path("quality/run/", quality.run, name="quality_run"),
    path("quality/rules/<slug:code>/", quality.show, name="quality_rule"),
    path("quality/rules/<slug:code>/terms/", quality.set_terms, name="quality_terms"),
    path("quality/lapses/<slug:code>/<uuid:uuid>/", quality.measure, name="quality_measure"),
    path("stress/", stress.ask, name="stress"),
    path("grades/", grades.catalogue, name="grades"),
    path("matching/", matching.quality, name="matching"),
    path("parameters/", parameters.listing, name="parameters"),
    path("parameters/<str:key>/", parameters.show, name="parameter"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/<str:on>/", calendar.day, name="day"),
]
