"""What a Joblib file holds: reading, checking and explaining an estimator. The tables are in webapp/database/tables."""
