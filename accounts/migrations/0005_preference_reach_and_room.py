from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_change'),
    ]

    operations = [
        migrations.AddField(
            model_name='preference',
            name='reach',
            field=models.CharField(choices=[('city', 'My city'), ('region', 'My region'), ('country', 'My country'), ('anywhere', 'Anywhere')], db_default='anywhere', default='anywhere', max_length=8),
        ),
        migrations.AddField(
            model_name='preference',
            name='room',
            field=models.PositiveSmallIntegerField(db_default=5, default=5, help_text='How many conversations at once; with so many one is shown to nobody.'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(('room__gte', 1), ('room__lte', 50)), name='accounts_preference_room'),
        ),
    ]
