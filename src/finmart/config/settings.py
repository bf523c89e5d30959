"""Django's settings. Nothing here starts anything; see ``places`` for where state lives."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from finmart.config import places

PACKAGE = Path(__file__).resolve().parents[1]
_secret_file = places.home() / "secret.key"

FINMART_NO_SECRET = "made-at-setup-by-finmart-migrate"  # noqa: S105 - enough for commands; no server starts with it

FINMART_KEYS_FILE = str(places.keys_file())
FINMART_FIELD_CIPHER = places.field_cipher()

DEBUG = False
SECRET_KEY = os.environ.get("FINMART_SECRET_KEY") or (
    _secret_file.read_text() if _secret_file.exists() else FINMART_NO_SECRET
)
ALLOWED_HOSTS = os.environ.get("FINMART_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("FINMART_ORIGINS", "").split(",") if origin]
ROOT_URLCONF = "finmart.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "parties.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "finmart.ui",
    "django.forms",  # after ui, whose widget templates come first
    # technical wing
    "finmart.centres.technical.audit",
    "finmart.centres.technical.keys",
    "finmart.centres.technical.parameters",
    "finmart.centres.technical.parties",
    "finmart.centres.technical.masking",
    "finmart.centres.technical.documents",
    "finmart.centres.technical.notices",
    "finmart.centres.technical.processes",
    # data wing
    "finmart.centres.data.consents",
    "finmart.centres.data.sources",
    "finmart.centres.data.profiles",
    "finmart.centres.data.desensitised",
    "finmart.centres.data.quality",
    "finmart.centres.data.risk",
    # business wing
    "finmart.centres.business.applications",
    "finmart.centres.business.cases",
    "finmart.centres.business.catalogue",
    "finmart.centres.business.funds",
    "finmart.centres.business.instruments",
    "finmart.centres.business.matching",
    "finmart.centres.business.servicing",
    # governance wing
    "finmart.centres.governance.feedback",
    "finmart.centres.governance.rights",
    "finmart.centres.governance.warnings",
    "finmart.centres.governance.emergencies",
    # journeys, desks, portals
    "finmart.journeys.governance.appeal",
    "finmart.journeys.governance.emergency",
    "finmart.journeys.governance.emergency_call",
    "finmart.journeys.online.bank_loan",
    "finmart.journeys.online.refusal_review",
    "finmart.desks.accounts",
    "finmart.desks.appeals",
    "finmart.desks.cases",
    "finmart.desks.contracts",
    "finmart.desks.disclosures",
    "finmart.desks.documents",
    "finmart.desks.items",
    "finmart.desks.messages",
    "finmart.desks.products",
    "finmart.desks.profiles",
    "finmart.desks.rights",
    "finmart.desks.scorecards",
    "finmart.desks.workbench",
    "finmart.portals.enterprise",
    "finmart.portals.institution",
    "finmart.portals.operator",
    "finmart.portals.regulator",
    "finmart.portals.visitor",
    "finmart.config.apps.Wiring",
]

MIDDLEWARE = [
    "finmart.config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "finmart.config.middleware.ActorMiddleware",
    "finmart.config.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "finmart.config.middleware.actor_context",
                "finmart.ui.context.shell",
            ],
        },
    },
]

_role = "owner" if os.environ.get("FINMART_DATABASE_ROLE") == "owner" else "app"
_address = places.DatabaseAddress.parse(places.database_url(owner=_role == "owner"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": places.database_name(),
        "USER": _address.user,
        "PASSWORD": _address.password,
        "HOST": _address.host,
        "PORT": _address.port,
        # Statements are planned once per connection, not once per call: half of what a step costs the server.
        "OPTIONS": {**_address.options, "server_side_binding": True, "prepare_threshold": 1},
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    },
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "finmart.ui.errors.csrf_failure"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("FINMART_HTTPS") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
# One address may stand for a whole hall of counters, and an attacker may use many: the account is what is guarded.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_IPWARE_PROXY_COUNT = 0
AXES_LOCKOUT_CALLABLE = "finmart.desks.accounts.lockout.answer"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the moment we name stays true
MFA_TOTP_TOLERANCE = 1  # one period of 30 s before and after: phones are seldom exact
MFA_ADAPTER = "finmart.desks.accounts.factors.Adapter"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
FORM_RENDERER = "finmart.ui.forms.Renderer"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_HOST = os.environ.get("FINMART_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("FINMART_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("FINMART_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("FINMART_SMTP_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = os.environ.get("FINMART_MAIL_FOLDER") or places.home() / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("FINMART_MAIL_FROM", "finmart@localhost")
FINMART_STALLED_SECONDS = float(os.environ.get("FINMART_STALLED_SECONDS", "20"))  # silence of a dead worker
FINMART_ORIGIN = os.environ.get("FINMART_ORIGIN", "http://127.0.0.1:8000")  # before links in mails

# The demo shows its accounts on the sign-in page; nothing else may.
FINMART_DEMO = os.environ.get("FINMART_DEMO") == "1"

# The bank core that moves the money; without a secret of its own only a simulator on this machine is spoken to.
FINMART_BANK_CORE_URL = os.environ.get("FINMART_BANK_CORE_URL", "")
FINMART_BANK_CORE_SECRET = os.environ.get("FINMART_BANK_CORE_SECRET", "")

# The sources that supply data (finmart.integrations.data_sharing): one address for all, or "tax=https://… court=https://…"
# for those that have one of their own.
FINMART_SOURCES_URL = os.environ.get("FINMART_SOURCES_URL", "")
FINMART_SOURCE_URLS = dict(
    pair.split("=", 1) for pair in os.environ.get("FINMART_SOURCE_URLS", "").split() if "=" in pair
)
FINMART_SOURCES_SECRET = os.environ.get("FINMART_SOURCES_SECRET", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "finmart.config.logs.JsonLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FINMART_LOG_LEVEL", "WARNING")},
}
