"""Making people take turns: whoever acts on somebody else holds both until the action is written."""

from django.db import connection

from accounts.models import User


def hold(*user_ids: int) -> None:
    """Lock people until the transaction ends; always in the order of their ids, so that no two wait for each other."""
    # A key lock would also stop whoever only refers to these people, such as a list in which they are shown.
    is_weaker = connection.features.has_select_for_no_key_update
    people = User.objects.select_for_update(no_key=is_weaker).filter(pk__in=user_ids)
    list(people.order_by("pk").values_list("pk", flat=True))
