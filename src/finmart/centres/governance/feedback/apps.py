from django.apps import AppConfig


class Feedback(AppConfig):
    name = "finmart.centres.governance.feedback"
    label = "feedback"
