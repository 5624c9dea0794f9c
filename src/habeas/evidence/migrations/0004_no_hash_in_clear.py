from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_seal_the_hashes")]

    operations = [
        migrations.RemoveField(model_name="item", name="sha256"),
        migrations.RemoveField(model_name="item", name="sha512"),
    ]
