from django.db import migrations, models
from django.db.models.functions import Now
from django.utils import timezone


class Migration(migrations.Migration):
    """Let the version that runs while a release migrates go on writing impressions and matches."""

    dependencies = [
        ('recommendations', '0006_longer_filters'),
    ]

    operations = [
        migrations.AlterField(
            model_name='impression',
            name='displayed_at',
            field=models.DateTimeField(db_default=Now(), default=timezone.now, help_text='When label and agreements were computed; for 30 days they are shown unchanged.'),
        ),
        migrations.AlterField(
            model_name='impression',
            name='interest',
            field=models.CharField(choices=[('strong', 'May well be interested in you'), ('fair', 'Could be interested in you'), ('open', 'Open how they would see you')], db_default='open', default='open', max_length=6),
        ),
        migrations.AlterField(
            model_name='match',
            name='low_opens',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='match',
            name='high_opens',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
