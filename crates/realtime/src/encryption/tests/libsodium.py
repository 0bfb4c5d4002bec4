"""Opens what VaultWatch sealed and seals the same with a nonce of its own. A JSON list in, a JSON list out."""

import base64
import json
import os
import sys

from nacl import bindings


def associated_data(tenant, message, kid):
    parts = ["vaultwatch.v1", tenant, message["type"], message["id"], str(message["timestamp"]), kid]
    return "\n".join(parts).encode()


def answer(question):
    message, kid = question["message"], question["kid"]
    key = base64.b64decode(question["key"])
    aad = associated_data(question["tenant"], message, kid)
    data = message["data"]
    assert data["enc"] == "xchacha20poly1305" and data["kid"] == kid, data
    opened = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        base64.b64decode(data["ct"]), aad, base64.b64decode(data["nonce"]), key
    )
    nonce = os.urandom(24)
    ct = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(question["plain"].encode(), aad, nonce, key)
    sealed = {
        "enc": "xchacha20poly1305",
        "kid": kid,
        "nonce": base64.b64encode(nonce).decode(),
        "ct": base64.b64encode(ct).decode(),
    }
    return {"opened": opened.decode(), "sealed": sealed}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
