"""The demo news site."""
