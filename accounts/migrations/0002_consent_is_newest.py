from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def mark_what_was_followed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep the mark on the last decision of each person and kind only."""
    consents = apps.get_model("accounts", "Consent").objects.using(schema_editor.connection.alias)
    newest = consents.order_by().values("user", "kind").annotate(newest=models.Max("pk"))
    # As a list: MySQL changes no table that it reads in the same statement.
    repeated = newest.annotate(n=models.Count("pk")).filter(n__gt=1).values_list("user", "kind", "newest")
    for user, kind, last in list(repeated):
        consents.filter(user=user, kind=kind).exclude(pk=last).update(is_newest=False)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='is_newest',
            field=models.BooleanField(db_default=True, default=True, editable=False, help_text='Nothing was decided since.'),
        ),
        migrations.RunPython(mark_what_was_followed, migrations.RunPython.noop),
    ]
