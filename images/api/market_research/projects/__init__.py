"""Projects: what is to be found out, and the material that is shown for it."""
