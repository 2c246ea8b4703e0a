"""All settings, read once from the environment (see .env.example for each name and what it is for)."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env("WEIQUAN_ENV_FILE", default=str(BASE_DIR / ".env")))


def secret(name: str) -> str:
    """A value that must be there: from NAME, or from the file that NAME_FILE points at."""
    file = env(f"{name}_FILE", default="")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    value: str = env(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Put it into the environment or into .env (see .env.example), or let "
            f"{name}_FILE name a file that holds it. `make run` makes one of its own for the demo; "
            "`python -m weiquan.sealing` prints a new WEIQUAN_KEYS."
        )
    return value


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The key ring of the sealed fields: JSON text, or the file that WEIQUAN_KEYS_FILE names. Read by weiquan.sealing.
WEIQUAN_KEYS = secret("WEIQUAN_KEYS")

# A demonstration with invented people: says so on every page and lets `seed_demo` and `demo_reset` run.
DEMO = env.bool("DEMO", default=False)

INSTALLED_APPS = [
    "stations",
    "cases",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "stations.middleware.DeskMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "weiquan.urls"
WSGI_APPLICATION = "weiquan.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["stations.templatetags.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.context.desk",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
# A socket folder cannot stand in the authority of a URL, so it comes as ?host=/folder.
DATABASES["default"]["HOST"] = DATABASES["default"]["OPTIONS"].pop("host", DATABASES["default"]["HOST"])
DATABASES["default"]["TEST"] = {"NAME": env("TEST_DATABASE_NAME", default=None)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "stations.sessions"  # in the database: a lost cache must not log everybody out
SESSION_COOKIE_AGE = env.int("SESSION_MINUTES", default=240) * 60  # the screen is locked long before
SESSION_SAVE_EVERY_REQUEST = False  # stations.middleware renews it without a write a request
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Celery writes a socket in its own way: redis+socket:///path?virtual_host=1 where others say unix:///path?db=1.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
# Acknowledged when it begins: to acknowledge at its end what began before the broker was lost kills the worker
# (kombu 5.7). A request that is lost is made again by beat; what is due stands in the database.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}

AUTH_USER_MODEL = "stations.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "stations.backends.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"

ACCOUNT_ADAPTER = "stations.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False  # office computers are shared
ACCOUNT_RATE_LIMITS = {"login": None}  # axes counts failures; logging in must not need the cache
ACCOUNT_FORMS = {
    "login": "stations.forms.login.LoginForm",
    "reauthenticate": "stations.forms.login.ReauthenticateForm",
}
MFA_ADAPTER = "stations.accounts.SealedMFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by the security administrator
MFA_FORMS = {
    "authenticate": "stations.forms.login.MFAAuthenticateForm",
    "reauthenticate": "stations.forms.login.MFAReauthenticateForm",
    "activate_totp": "stations.forms.login.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "维权"
MFA_TOTP_TOLERANCE = 1  # one step of thirty seconds either way: telephones run a little off

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "stations.accounts.client_ip"
# How many proxies of our own stand before the server and append to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y年n月j日"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# How long an emergency access (破门查看) stays open.
BREAK_IN_MINUTES = env.int("BREAK_IN_MINUTES", default=120)
# For how many days a ledger asked for as a file can be fetched; then its bytes are wiped.
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)
# Whether the first visit after a warning letter counts among the three clean ones that end the watching.
FIRST_VISIT_COUNTS = env.bool("FIRST_VISIT_COUNTS", default=False)
# Mail is optional: without EMAIL_URL notices stay in the inbox of the system.
EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="weiquan@localhost")
# Outlets may lead to this machine and into private networks: for intranets that have a gateway of their own.
OUTLETS_ALLOW_PRIVATE = env.bool("OUTLETS_ALLOW_PRIVATE", default=DEBUG)
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
# What stands on the slip she takes home: a host whose name says nothing, leading to the same server.
PUBLIC_URL = env("PUBLIC_URL", default=SITE_URL)
# Where the quick exit of public pages leads; empty, to a calendar of ours.
EXIT_URL = env("EXIT_URL", default="https://www.baidu.com/")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # A request's values may name a person: Django's own error mails and debug dumps stay off.
    # urllib3 writes down addresses, and the address of a robot carries its key. At DEBUG, templates write down what
    # they show and the database what it is asked: these two stay quiet whatever LOG_LEVEL says.
    "loggers": {
        "django.template": {"level": "INFO"},
        "django.db.backends": {"level": "INFO"},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "urllib3": {"level": "ERROR"},
    },
}
