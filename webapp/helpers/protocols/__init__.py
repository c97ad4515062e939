"""The languages that clients of other servers speak: each from its body to instances, and back from predictions.

Each protocol has the same three: ``decode`` a body into the rows that the schema checks, ``encode`` the
predictions, and ``encode_error``.
"""
