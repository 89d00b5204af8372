"""What people are told, and over which channel. For now mail; other channels plug in beside it."""
