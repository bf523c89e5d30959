"""What an application server calls. A worker process of ours ends with the server that started it."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from finmart.config import supervision

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
if os.environ.pop("FINMART_PARENT", None):
    supervision.end_with_parent()
application = get_wsgi_application()
if settings.SECRET_KEY == settings.FINMART_NO_SECRET:
    raise ImproperlyConfigured("没有签名密钥：请先运行 finmart migrate，或设置 FINMART_SECRET_KEY")
