"""Check that a prediction is on record as it was made: python check_proof.py PROOF.json PUBLIC.pem

Needs only the package cryptography, not the service or its database.
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

# Without a check of lengths, a piece of one part could be passed off as a piece of the part beside it.
digest = bytes.fromhex(proof["payload_digest"])
if len(digest) != 32:
    sys.exit("The digest of the inputs has the wrong length.")
metadata = json.loads(proof["metadata"])  # Raises ValueError unless it is complete; so does the one below.
if "payload" in proof:
    salt = bytes.fromhex(proof["salt"])
    if len(salt) != 16:
        sys.exit("The salt has the wrong length.")
    if digest != sha256(salt + proof["payload"].encode()).digest():
        sys.exit("The inputs are not the ones that were sealed.")
    json.loads(proof["payload"])

node = sha256(b"\0" + proof["metadata"].encode() + digest).digest()
index, last = proof["index"], head["predictions"]["count"] - 1
for sibling in map(bytes.fromhex, proof["path"]):
    while 0 < index == last and not index % 2:  # It has no sibling here and goes up unchanged.
        index, last = index // 2, last // 2
    node = sha256(b"\1" + (sibling + node if index % 2 else node + sibling)).digest()
    index, last = index // 2, last // 2
if node.hex() != head["predictions"]["root"]:
    sys.exit("The prediction is not in this seal.")

# A row that the service did not make is sealed too, but its id is in this list, whose digest is in the head.
unproven, id = bytes.fromhex(proof["unproven"]), UUID(metadata[0]).bytes
if sha256(unproven).hexdigest() != head["unproven"]:
    sys.exit("The list of predictions that the service did not make is not the one that was sealed.")
if id in (unproven[start : start + 16] for start in range(0, len(unproven), 16)):
    sys.exit("The service did not make this prediction, or it was changed before it was sealed.")

key.verify(bytes.fromhex(proof["signature"]), proof["head"].encode())  # Raises InvalidSignature.
print(f"Sealed as number {head['number']} at {head['created_at']}: {proof['metadata']}")
if "payload" in proof:
    print(f"Its inputs and warnings: {proof['payload']}")
