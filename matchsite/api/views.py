"""The API's own pages: its description, the page to try it on, and what is said of an address that is none."""

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """The OpenAPI document."""

    renderer_classes = [OpenApiJsonRenderer]  # noqa: RUF012 - as the base class declares it


class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger UI, from files of the site's own and without a line of script or style in the page."""

    template_name = "api/documentation.html"
    url_name = "api:schema"


class NoSuchAddressView(APIView):
    """Says in the API's own words that there is nothing here, whatever the method."""

    schema = None
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse before anything else is looked at."""
        raise exceptions.NotFound("The API has no such address.")
