"""Signatures: the inputs and outputs of a model."""
