"""Makes tokens that `pgward token` would not: expired, unsigned, signed with the wrong kind of key."""
import base64, hashlib, hmac, json, subprocess, time

from throwaway.proxy import AUDIENCE, ISSUER


def _b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _raw_signature(der):
    """r and s, 32 bytes each, out of SEQUENCE { INTEGER r, INTEGER s } (RFC 7518, section 3.4)."""
    numbers, at = [], 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def claims(of, issued_ago=0, lives=600, **change):
    now = int(time.time()) - issued_ago
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": "dev@forge.test", "roles": ["clinician"], "iat": now,
            "exp": now + lives} | of.claims | change
    return {k: v for k, v in body.items() if v is not None}


def header_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def sign(key, header, body, sign_with=None):
    signed = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(body).encode())}"
    if header["alg"] == "none":
        return signed + "."
    if header["alg"] == "HS256":  # the public key as a shared secret: the classic confusion
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], capture_output=True, check=True).stdout
        return f"{signed}.{_b64(hmac.digest(public, signed.encode(), hashlib.sha256))}"
    der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", sign_with or key], input=signed.encode(),
                         capture_output=True, check=True).stdout
    return f"{signed}.{_b64(_raw_signature(der))}"
