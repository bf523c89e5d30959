from django.apps import AppConfig


class ProductsDesk(AppConfig):
    """The parts of a product every party sees alike."""

    name = "finmart.desks.products"
    label = "products_desk"
