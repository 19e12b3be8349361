from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0003_displayed_score'),
    ]

    operations = [
        migrations.AddField(
            model_name='match',
            name='last_message_at',
            field=models.DateTimeField(blank=True, help_text='When either last wrote; such a match takes room.', null=True),
        ),
        migrations.AddField(
            model_name='match',
            name='low_wrote',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='match',
            name='high_wrote',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='match',
            name='low_again',
            field=models.BooleanField(blank=True, help_text='Whether this one would meet the other again.', null=True),
        ),
        migrations.AddField(
            model_name='match',
            name='high_again',
            field=models.BooleanField(blank=True, help_text='Whether this one would meet the other again.', null=True),
        ),
        migrations.AddIndex(
            model_name='match',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['purpose', 'last_message_at'], name='recommendations_match_going_on'),
        ),
    ]
