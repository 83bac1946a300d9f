"""Tokens: how they are got, kept fresh by exactly one, and handed to everybody else."""
