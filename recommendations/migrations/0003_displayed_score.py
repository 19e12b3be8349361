import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def displayed_when_shown(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Date what earlier lists displayed by the moment when they were shown: it was computed then."""
    impressions = apps.get_model("recommendations", "Impression").objects.using(schema_editor.connection.alias)
    impressions.update(displayed_at=models.F("shown_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0002_learned_preferences'),
    ]

    operations = [
        migrations.AddField(
            model_name='impression',
            name='displayed_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When label and agreements were computed; for 30 days they are shown unchanged.'),
        ),
        migrations.AddField(
            model_name='impression',
            name='interest',
            field=models.CharField(choices=[('strong', 'May well be interested in you'), ('fair', 'Could be interested in you'), ('open', 'Open how they would see you')], default='open', max_length=6),
        ),
        migrations.AddField(
            model_name='match',
            name='low_opens',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='match',
            name='high_opens',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(displayed_when_shown, migrations.RunPython.noop),
    ]
