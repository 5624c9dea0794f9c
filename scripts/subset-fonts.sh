#!/bin/sh
# Makes src/habeas/fonts/ of Debian's Noto packages: Noto Sans Arabic and Devanagari whole, and one face of Noto Sans CJK
# cut to the letters in common use, with the shapes that each language wants (feature locl).
#
#   scripts/subset-fonts.sh [FOLDER]     FOLDER: where to write, src/habeas/fonts unless told
#
# Needs apt-get, dpkg-deb and Python with fonttools (pip install "fonttools>=4.60", in an environment of its own: it is
# no part of Habeas). PYTHON names that Python. The same packages and fonttools give the same files.
set -eu

python=${PYTHON:-python3}
target=$(cd "${1:-"$(dirname "$0")/../src/habeas/fonts"}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download --quiet fonts-noto-core fonts-noto-cjk
for package in ./*.deb; do dpkg-deb -x "$package" unpacked; done

whole=unpacked/usr/share/fonts/truetype/noto
for font in Arabic-Regular Arabic-Bold Devanagari-Regular Devanagari-Bold; do
    cp "$whole/NotoSans$font.ttf" "$target/NotoSans$font.ttf"
    chmod 644 "$target/NotoSans$font.ttf"
done

# The letters of GB 2312 (simplified), Big5 (traditional), JIS X 0208 (Japan) and KS X 1001 (Korea), every modern Hangul
# syllable, kana, and the punctuation and full-width forms around them. Latin, Greek and Cyrillic come from Noto Sans.
"$python" - >unicodes.txt <<'LETTERS'
found = set()
for codec, first in (("gb2312", 0xA1), ("big5", 0xA1), ("euc_jp", 0xA1), ("euc_kr", 0xA1)):
    for high in range(first, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                found.update(map(ord, bytes((high, low)).decode(codec)))
            except UnicodeDecodeError:
                pass
for first, last in ((0x3000, 0x30FF), (0x31F0, 0x31FF), (0x3200, 0x33FF), (0xAC00, 0xD7A3), (0xFF00, 0xFFEF)):
    found.update(range(first, last + 1))
kept = sorted(letter for letter in found if letter >= 0x2E80 and not 0xE000 <= letter <= 0xF8FF)
print("\n".join(f"U+{letter:04X}" for letter in kept))
LETTERS

# Number 2 of the collection is the face for simplified Chinese; locl gives the others their own shapes.
"$python" -m fontTools.subset unpacked/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc \
    --font-number=2 --unicodes-file=unicodes.txt --layout-features=locl,ccmp,ljmo,vjmo,tjmo --layout-scripts='*' \
    --no-hinting --drop-tables+=vhea,vmtx,VORG,BASE --name-IDs='0,1,2,3,4,5,6,13,14' --no-recalc-timestamp \
    --output-file="$target/NotoSansCJK-Regular.otf"
ls -l "$target"
