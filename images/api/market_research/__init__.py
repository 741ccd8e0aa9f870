"""The API of the Market Research SaaS: virtual focus groups with AI."""

__version__ = "0.1.0"
