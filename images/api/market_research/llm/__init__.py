"""Language models: who speaks for personas, and who turns texts into vectors."""
