"""The docker and random providers that stand in for the official plugins where those cannot be downloaded."""
