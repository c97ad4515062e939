"""Pure functions that know no estimator: text, HTTP bodies, records and pages."""
