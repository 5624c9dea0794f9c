"""A log that was begun before there were tiles gets those of the entries it has."""

from django.db import migrations

WIDTH = 256


def complete_tiles(apps, schema_editor):
    from habeas.ledger.core import tiles

    entries, tile = apps.get_model("ledger", "Entry"), apps.get_model("ledger", "Tile")
    open_rows = [[]]

    def put(level, place, node):
        if level == len(open_rows):
            open_rows.append([])
        open_rows[level].append(node)
        full = len(open_rows[level]) == WIDTH
        if full or level:
            tile.objects.update_or_create(
                level=level, index=place // WIDTH, defaults={"hashes": b"".join(open_rows[level])}
            )
        if full:
            row, open_rows[level] = open_rows[level], []
            put(level + 1, place // WIDTH, tiles.root_of_row(row))

    for index, leaf in entries.objects.order_by("index").values_list("index", "leaf_hash").iterator():
        put(0, index, bytes(leaf))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_proofs")]

    operations = [migrations.RunPython(complete_tiles, migrations.RunPython.noop)]
