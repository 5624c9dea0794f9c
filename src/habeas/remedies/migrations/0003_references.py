"""Measures of before have no reference yet: an addressee is told one, so each gets its own."""

from django.db import migrations


def give_references(apps, schema_editor):
    from habeas.remedies.progress import new_reference

    for measure in apps.get_model("remedies", "Measure").objects.filter(reference=None).iterator():
        measure.reference = new_reference()
        measure.save(update_fields=["reference"])


class Migration(migrations.Migration):
    dependencies = [("remedies", "0002_progress")]

    operations = [migrations.RunPython(give_references, migrations.RunPython.noop)]
