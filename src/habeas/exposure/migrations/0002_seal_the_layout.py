"""Notes and parts name attachments, and attachments name people: what stood in clear goes, and is sealed from now on.

Reading an item again brings its notes and parts back.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0001_initial"),
    ]

    operations = [
        migrations.RemoveField(model_name="reading", name="notes"),
        migrations.RemoveField(model_name="reading", name="parts"),
        migrations.AddField(
            model_name="reading",
            name="layout_sealed",
            field=models.BinaryField(
                help_text="JSON: notes, and parts as [origin, start, end] in characters of the text; "
                "attachments name people",
                null=True,
            ),
        ),
    ]
