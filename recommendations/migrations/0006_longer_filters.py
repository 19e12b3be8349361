from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0005_exposure'),
    ]

    operations = [
        migrations.AlterField(
            model_name='impression',
            name='filters',
            field=models.CharField(blank=True, help_text='Canonical form of the filters in force.', max_length=96),
        ),
    ]
