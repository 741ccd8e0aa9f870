"""Who may use the API: accounts, the links that make them, and who is logged in."""
