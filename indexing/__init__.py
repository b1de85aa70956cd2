"""Heidi's knowledge: briefings, and the vector index made from them."""
