"""Rules for states that compiled code reads: neighbour trees, decision trees, libsvm, XGBoost and LightGBM."""
