"""How values are written to the Redis cache: as JSON, never pickled."""

import json
from typing import Any


class JSONSerializer:
    """Serializer of `django.core.cache.backends.redis`; integers stay bare so that Redis can count with them."""

    def dumps(self, value: Any) -> int | bytes:
        """Return what Redis stores for a value."""
        if type(value) is int:
            return value
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        """Return the value that was stored."""
        return json.loads(data)
