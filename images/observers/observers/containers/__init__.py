"""The containers of one stack, as Docker's API tells of them, under cAdvisor's metric names."""
