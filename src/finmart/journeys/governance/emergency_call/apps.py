from django.apps import AppConfig


class EmergencyCall(AppConfig):
    name = "finmart.journeys.governance.emergency_call"
    label = "emergency_call"
