"""A model behind LitServe with batching: python server.py PORT"""

from __future__ import annotations

import os
import sys
from itertools import accumulate, pairwise

import joblib
import litserve as ls
import pandas as pd


class Model(ls.LitAPI):
    def setup(self, device):
        self.model = joblib.load(os.environ["MODEL"])
        self.table = hasattr(self.model, "feature_names_in_")

    def decode_request(self, request):
        return request["inputs"]

    def batch(self, inputs):
        self.ends = [0, *accumulate(len(rows) for rows in inputs)]
        return [row for rows in inputs for row in rows]

    def predict(self, rows):
        return self.model.predict_proba(pd.DataFrame(rows) if self.table else rows)

    def unbatch(self, output):
        return [output[start:end] for start, end in pairwise(self.ends)]

    def encode_response(self, output):
        return {"probabilities": output.tolist()}


if __name__ == "__main__":
    # Without a timeout, a batch is whatever has arrived. This and the fast queue were the fastest options tested.
    server = ls.LitServer(Model(max_batch_size=64), accelerator="cpu", workers_per_device=2, fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
