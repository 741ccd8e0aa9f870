"""The program: one stack of the Market Research SaaS on a Docker host."""
