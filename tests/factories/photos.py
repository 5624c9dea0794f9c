from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


@lru_cache(maxsize=32)
def photo(seed, width=1000, height=800):
    """Nobody's photo: rough ground in octaves, with half-transparent things lying about, a little unsharp."""
    chance = np.random.default_rng(seed + 1000)
    roughness, tint = chance.uniform(0.55, 0.8), chance.uniform(0.6, 1.3, 3)
    ground = np.zeros((height, width))
    for octave in range(1, 9):
        grid = chance.integers(0, 256, (2**octave + 1, 2**octave + 1), dtype=np.uint8)
        finer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        ground += np.asarray(finer, dtype=np.float64) * roughness**octave
    ground = (ground - ground.min()) / np.ptp(ground)
    picture = Image.fromarray((ground[:, :, None] * tint * 190).clip(0, 255).astype(np.uint8))
    pencil = ImageDraw.Draw(picture, "RGBA")
    for _ in range(int(chance.integers(10, 40))):
        left, top = int(chance.integers(-50, width)), int(chance.integers(-50, height))
        wide, high = chance.integers(20, 200, 2).tolist()
        colour = (*chance.integers(0, 256, 3).tolist(), int(chance.integers(60, 200)))
        draw = pencil.ellipse if chance.random() < 0.5 else pencil.rectangle
        draw((left, top, left + wide, top + high), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(0.8))
