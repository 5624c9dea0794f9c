"""The hash of a short text can be guessed: hashes move under the key of their case, commitments stand in their place."""

import json

from django.db import migrations


def seal_hashes(apps, schema_editor):
    from habeas.access import keys
    from habeas.evidence.core.commitments import commitment

    for item in apps.get_model("evidence", "Item").objects.select_related("case__key").iterator():
        key = item.case.key
        if key.wrapped is None:
            continue
        hashes = json.dumps({"sha256": item.sha256, "sha512": item.sha512}, sort_keys=True)
        item.hashes_sealed = keys.seal(key, hashes, f"item-hashes/{item.pk}")
        item.commitment = commitment(keys.salt_of(key, f"item-commitment/{item.pk}"), bytes.fromhex(item.sha512)).hex()
        item.save(update_fields=["hashes_sealed", "commitment"])


class Migration(migrations.Migration):
    dependencies = [("evidence", "0002_proofs"), ("access", "0001_initial")]

    operations = [migrations.RunPython(seal_hashes, migrations.RunPython.noop)]
