"""What an application server calls. A worker process of ours ends with the server that started it."""

import os

from django.core.wsgi import get_wsgi_application

from finmart.config import supervision

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
if os.environ.pop("FINMART_PARENT", None):
    supervision.end_with_parent()
application = get_wsgi_application()
