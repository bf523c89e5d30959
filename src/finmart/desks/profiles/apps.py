from django.apps import AppConfig


class ProfilesDesk(AppConfig):
    """The parts of a profile that the firm and those it allows see alike."""

    name = "finmart.desks.profiles"
    label = "profiles_desk"
