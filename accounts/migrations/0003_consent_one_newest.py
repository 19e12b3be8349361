from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_consent_is_newest'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(condition=models.Q(('is_newest', True)), fields=('kind', 'user'), name='accounts_consent_one_newest'),
        ),
    ]
