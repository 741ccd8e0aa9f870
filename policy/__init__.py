"""What no stack may do: one table of rules, read by `research` in a preview's steps and by Pulumi as a policy pack."""
