"""Check that a prediction is on record as it was made: python check_proof.py PROOF.json PUBLIC.pem

Needs nothing but the package cryptography: neither the service nor its database.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.serialization import load_pem_public_key

proof = json.loads(Path(sys.argv[1]).read_text())
key = load_pem_public_key(Path(sys.argv[2]).read_bytes())
head = json.loads(proof["head"])

# Without the lengths one part could be cut off, and pass for the beginning or the end of the one beside it.
digest = bytes.fromhex(proof["payload_digest"])
if len(digest) != 32:
    sys.exit("The digest of the inputs has not its length.")
metadata = json.loads(proof["metadata"])  # Raises ValueError unless it is whole, and so below.
if "payload" in proof:
    salt = bytes.fromhex(proof["salt"])
    if len(salt) != 16:
        sys.exit("The salt has not its length.")
    if digest != sha256(salt + proof["payload"].encode()).digest():
        sys.exit("The inputs are not those that were sealed.")
    json.loads(proof["payload"])

node = sha256(b"\0" + proof["metadata"].encode() + digest).digest()
index, last = proof["index"], head["predictions"]["count"] - 1
for beside in map(bytes.fromhex, proof["path"]):
    while 0 < index == last and not index % 2:  # It has no neighbour here, and goes up as it is.
        index, last = index // 2, last // 2
    node = sha256(b"\1" + (beside + node if index % 2 else node + beside)).digest()
    index, last = index // 2, last // 2
if node.hex() != head["predictions"]["root"]:
    sys.exit("The prediction is not in this seal.")

# A row that the service did not make is sealed too, but its id is in this list, which the head holds by its digest.
unproven, id = bytes.fromhex(proof["unproven"]), UUID(metadata[0]).bytes
if sha256(unproven).hexdigest() != head["unproven"]:
    sys.exit("The list of what the service did not make is another than the one that was sealed.")
if id in (unproven[start : start + 16] for start in range(0, len(unproven), 16)):
    sys.exit("The service did not make this prediction, or it was changed before it was sealed.")

key.verify(bytes.fromhex(proof["signature"]), proof["head"].encode())  # Raises InvalidSignature.
print(f"Sealed as number {head['number']} at {head['created_at']}: {proof['metadata']}")
if "payload" in proof:
    print(f"Its inputs and warnings: {proof['payload']}")
