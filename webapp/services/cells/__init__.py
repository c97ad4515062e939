"""The service's side of the cells: starts the zygote, asks cells, and trusts nothing that they answer."""
