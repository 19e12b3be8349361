"""Settings, each read from the environment once, typed, with a default that is safe.

Every variable is explained in README.md; a test keeps the two in step.
"""

import os
import secrets
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django_guid.integrations import CeleryIntegration

from matchsite import databases, logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# ------------------------------------------------------------------ where things lie, and how much runs

PORT = env.int("PORT", default=8000)
# What the web server runs on a small machine.
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=4)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data")))
SEED_DATASET = env.str("SEED_DATASET", default="http://openpsychometrics.org/_rawdata/16PF.zip")

# ------------------------------------------------------------------ safety

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _development_key() -> str:
    """Return a key that stays the same between starts on a developer's machine."""
    path = DATA_DIR / "secret-key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_IS_CONFIGURED = bool(SECRET_KEY)
# Former keys: what was signed, and which addresses were banned, under one of them still counts.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    # Commands need no key that lasts; the web role refuses to start without one (matchsite.guards).
    SECRET_KEY = _development_key() if DEBUG else secrets.token_urlsafe(50)

_OVER_HTTPS = not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _OVER_HTTPS
# Only these may say, by X-Forwarded-For and X-Forwarded-Proto, who asks and how; addresses or networks.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# Asked from inside, by whoever watches over the processes.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# Whoever has it may read the figures of health; without one nobody can.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Administrators enrol a second factor before they can do anything.
STAFF_SECOND_FACTOR = not DEBUG
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _OVER_HTTPS
if _OVER_HTTPS:
    # Browsers take these names only over HTTPS, from this very host and for all of it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ------------------------------------------------------------------ apps

INSTALLED_APPS = [
    "matchsite",
    "privacy",
    "operations",
    "conversations",
    "recommendations",
    "surveys",
    "accounts",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "django_guid",
    "dbbackup",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "matchsite.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "matchsite.middleware.AdminContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "matchsite.middleware.StaffSecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.VisitMiddleware",
]

ROOT_URLCONF = "matchsite.urls"
WSGI_APPLICATION = "matchsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# ------------------------------------------------------------------ database, cache, queue

DATABASES = {"default": databases.database(data_dir=DATA_DIR)}
if DATABASES["default"]["NAME"] == str(DATA_DIR / "data.db"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "kindred",
            # Raised when what is cached changes its form, so that no process reads what another version wrote.
            "VERSION": 1,
            "OPTIONS": {"serializer": "matchsite.cache.JSONSerializer"},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:6379/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is only a hint: publishing one must never hold up a page for long when the broker is away.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "visibility_timeout": 7200,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]

RETRAIN_HOUR = env.int("RETRAIN_HOUR", default=3)
LEARN_HOUR = env.int("LEARN_HOUR", default=4)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "place-stale-sheets": {"task": "surveys.tasks.place_stale_sheets", "schedule": 20.0},
    "send-notifications": {"task": "accounts.tasks.send_notifications", "schedule": 60.0},
    "send-notices": {"task": "accounts.tasks.send_notices", "schedule": 300.0},
    "end-suspensions": {"task": "accounts.tasks.end_suspensions", "schedule": 300.0},
    "delete-banned": {"task": "privacy.tasks.delete_banned", "schedule": 300.0},
    "raise-flags": {"task": "operations.tasks.raise_flags", "schedule": crontab(minute=25)},
    "remove-orphaned-photos": {
        "task": "accounts.tasks.remove_orphaned_photos",
        "schedule": crontab(hour=5, minute=20),
    },
    "forget-visitors": {"task": "surveys.tasks.forget_visitors", "schedule": crontab(hour=5, minute=10)},
    "forget-changes": {"task": "accounts.tasks.forget_changes", "schedule": crontab(hour=5, minute=0)},
    # A hint that waited longer than this is stale: the next one says the same.
    "continue-training": {
        "task": "recommendations.tasks.continue_training",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "prepare-experiment": {
        "task": "recommendations.tasks.prepare_experiment",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "remove-expired-exports": {"task": "privacy.tasks.remove_expired_exports", "schedule": 3600.0},
    # Deleted before others are told, so that everybody has the whole month.
    "delete-dormant": {"task": "privacy.tasks.delete_dormant", "schedule": crontab(hour=5, minute=30)},
    "tell-dormant": {"task": "privacy.tasks.tell_dormant", "schedule": crontab(hour=14, minute=30)},
    "delete-unfinished": {"task": "privacy.tasks.delete_unfinished", "schedule": crontab(hour=5, minute=40)},
    "forget-addresses": {"task": "privacy.tasks.forget_addresses", "schedule": crontab(hour=5, minute=50)},
    "forget-left-circles": {"task": "recommendations.tasks.forget_left_circles", "schedule": 3600.0},
    # In the hours in which people read their mail.
    "tell-of-newcomers": {"task": "recommendations.tasks.tell_of_newcomers", "schedule": crontab(hour=15, minute=0)},
    "tend-exposure": {"task": "recommendations.tasks.tend_exposure", "schedule": 3600.0},
    "take-snapshot": {"task": "operations.tasks.take_snapshot", "schedule": crontab(minute=50)},
    "learn": {"task": "recommendations.tasks.request_learning", "schedule": crontab(hour=LEARN_HOUR, minute=0)},
    "retrain": {"task": "recommendations.tasks.request_retrain", "schedule": crontab(hour=RETRAIN_HOUR, minute=0)},
}

# ------------------------------------------------------------------ files

MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_HANDLERS = [
    "accounts.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# An S3-compatible store: for uploads when it has a bucket for them, and for a seed dataset that lies there.
AWS_S3_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", default="")
AWS_S3_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", default="")
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="")
AWS_S3_REGION_NAME = env.str("AWS_REGION", default="us-east-1")
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")

_UPLOADS_ON_DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
_UPLOADS_IN_BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {"default_acl": None, "file_overwrite": False, "querystring_auth": True},
}
STORAGES = {
    "default": _UPLOADS_IN_BUCKET if AWS_STORAGE_BUCKET_NAME else _UPLOADS_ON_DISK,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    # Backups hold what people answered: nobody else on this machine reads along.
    "dbbackup": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.str("BACKUP_DIR", default=str(DATA_DIR / "backups")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
DBBACKUP_CONNECTOR_MAPPING = {"django.db.backends.sqlite3": "matchsite.backups.SqliteConnector"}
DBBACKUP_HOSTNAME = "kindred"
DBBACKUP_SEND_EMAIL = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# ------------------------------------------------------------------ accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "recommendations:next-step"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# ------------------------------------------------------------------ mail

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
if "EMAIL_FILE_PATH" in EMAIL_CONFIG:
    # Below the data, as all that the site writes; a path with a fourth slash stays what it is.
    EMAIL_CONFIG["EMAIL_FILE_PATH"] = str(DATA_DIR / (EMAIL_CONFIG["EMAIL_FILE_PATH"] or "mails"))
vars().update(EMAIL_CONFIG)
# Where the site is reached from outside; links in mails begin with it.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kindred <kindred@localhost>")

# ------------------------------------------------------------------ the product

DEMO = env.bool("DEMO", default=False)
# Below this many real members, People also shows respondents of the seed dataset, labelled as such.
SAMPLE_PEOPLE_BELOW = env.int("SAMPLE_PEOPLE_BELOW", default=50)
# Only who has answered this much is shown to others.
SHOWN_FROM_ANSWERS = 36
# From here on a person with a confirmed e-mail address sees a first list, which is called a sketch.
SKETCH_FROM_ANSWERS = 20
# Respondents of 13 to 17 may train the correlations; percentiles are of adults and minors are never shown, either way.
TRAIN_ON_MINORS = env.bool("TRAIN_ON_MINORS", default=False)
LIST_SIZE = 12
# Verdicts of one purpose from which on the preference model learns; below, likeness alone ranks people.
LEARN_FROM_VERDICTS = 200

# ------------------------------------------------------------------ API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "matchsite.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["matchsite.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "matchsite.api.negotiation.OneKindOnly",
    "DEFAULT_PAGINATION_CLASS": "matchsite.api.pagination.CursorPages",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_CLASSES": ["matchsite.api.throttles.VisitorThrottle", "matchsite.api.throttles.MemberThrottle"],
    "DEFAULT_THROTTLE_RATES": {"visitor": "60/min", "member": "240/min"},
    # The server has put the address of whom a trusted proxy speaks for into REMOTE_ADDR; no header is believed here.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "matchsite.api.problems.respond",
    "DEFAULT_SCHEMA_CLASS": "matchsite.api.schema.ProblemAwareSchema",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
}
API_LONGEST_BODY = 64 * 1024
API_TOKEN_DAYS = 90
SPECTACULAR_SETTINGS = {
    "TITLE": "Kindred API",
    "DESCRIPTION": "What the pages of Kindred do, for programs of its members. Every refusal is a problem detail.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {"VerdictValue": "recommendations.models.VerdictValue"},
}

# ------------------------------------------------------------------ language, time, logs

LANGUAGE_CODE = "en"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise ImproperlyConfigured("LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR and CRITICAL.")
LOGGING = logs.configuration(level=LOG_LEVEL, as_json=not DEBUG)
DJANGO_GUID = {
    "GUID_HEADER_NAME": "X-Request-ID",
    "EXPOSE_HEADER": False,
    "INTEGRATIONS": [CeleryIntegration(use_django_logging=True, log_parent=True)],
}

PINE = (
    ("50", 98, 0.012),
    ("100", 95.5, 0.025),
    ("200", 91, 0.045),
    ("300", 85, 0.065),
    ("400", 76, 0.08),
    ("500", 60, 0.085),
    ("600", 46, 0.075),
    ("700", 40, 0.068),
    ("800", 34, 0.058),
    ("900", 29, 0.048),
    ("950", 22, 0.036),
)
UNFOLD = {
    "SITE_TITLE": "Kindred",
    "SITE_HEADER": "Kindred",
    "SITE_SYMBOL": "join_inner",
    "SHOW_VIEW_ON_SITE": False,
    # The site's pine, from the lightest step to the darkest: lightness and chroma.
    "COLORS": {"primary": {step: f"oklch({light}% {chroma} 180)" for step, light, chroma in PINE}},
    "DASHBOARD_CALLBACK": "operations.health_admin.dashboard",
    # What an administrator opens first, from every page.
    "SITE_DROPDOWN": [
        {"icon": "home", "title": "Administration", "link": reverse_lazy("admin:index")},
        {"icon": "ecg_heart", "title": "Health", "link": reverse_lazy("admin:operations_health")},
        {"icon": "gavel", "title": "Moderation", "link": reverse_lazy("admin:operations_moderation")},
        {"icon": "monitoring", "title": "Recommender", "link": reverse_lazy("admin:operations_recommender")},
        {"icon": "groups", "title": "Use of the site", "link": reverse_lazy("admin:operations_business")},
        {"icon": "model_training", "title": "Models", "link": reverse_lazy("admin:operations_models")},
        {"icon": "add_a_photo", "title": "Photos", "link": reverse_lazy("admin:accounts_photo_changelist")},
    ],
}
