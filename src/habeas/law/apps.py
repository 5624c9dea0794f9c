from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "habeas.law"
    label = "law"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Where a key is set, no process starts on law that is not what was signed. Raises UnverifiedLaw."""
        from habeas.law.trust import require_verified_law

        require_verified_law()
