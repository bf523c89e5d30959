from django.apps import AppConfig


class RefusalReview(AppConfig):
    name = "finmart.journeys.online.refusal_review"
    label = "refusal_review"
