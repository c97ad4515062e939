"""The protocols of other model servers, so that their clients can talk to this one.

Each protocol has the same three functions: ``decode`` reads a body into rows for the schema to check, ``encode``
writes the predictions, ``encode_error`` writes an error.
"""
