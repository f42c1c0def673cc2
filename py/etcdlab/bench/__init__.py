"""Tools measured in turns."""
