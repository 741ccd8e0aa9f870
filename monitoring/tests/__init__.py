"""Tests of what is watched and who is told."""
