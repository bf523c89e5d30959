from django.urls import path

from finmart.portals.institution import facts, products, warnings

app_name = "institution"
urlpatterns = [
    path("cases/<str:number>/facts/", facts.show, name="facts"),
    path("cases/<str:number>/facts/keep/", facts.keep, name="facts_keep"),
    path("cases/<str:number>/facts/<slug:code>/", facts.lineage, name="fact"),
    path("copies/", facts.copies, name="copies"),
    path("copies/<uuid:uuid>/", facts.copy, name="copy"),
    path("borrowers/", warnings.borrowers, name="borrowers"),
    path("borrowers/<uuid:uuid>/warnings/", warnings.borrower, name="borrower_warnings"),
    path("products/", products.listing, name="products"),
    path("products/new/", products.draft, name="product_new"),
    path("products/<uuid:uuid>/", products.show, name="product"),
    path("products/<uuid:uuid>/revise/", products.revise, name="product_revise"),
    path("products/<uuid:uuid>/submit/", products.submit, name="product_submit"),
    path("products/<uuid:uuid>/delist/", products.delist, name="product_delist"),
]
