from django.apps import AppConfig


class DocumentsDesk(AppConfig):
    name = "finmart.desks.documents"
    label = "documents_desk"
