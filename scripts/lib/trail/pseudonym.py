"""Pseudonyms of patients and records (docs/audit-format.md), computed anew from the tenants' keys: in Python's standard library, from
the document, so that it is a second opinion."""
import base64, hashlib, hmac, json, pathlib


def hkdf(key, label):
    """RFC 5869, SHA-256, no salt, one block."""
    extracted = hmac.digest(b"\0" * 32, key, hashlib.sha256)
    return hmac.digest(extracted, label.encode() + b"\x01", hashlib.sha256)


class Tenant:
    def __init__(self, tenant, kid, key):
        self.tenant, self.kid, self._mac = tenant, kid, hkdf(key, "pgward pseudonym")

    def pseudonym(self, domain, *parts):
        text = b"".join(b"%d:%s," % (len(part), part) for part in (str(p).encode() for p in parts))
        return hmac.digest(self._mac, domain.encode() + b"\0" + text, hashlib.sha256)[:16].hex()

    def subject(self, *parts):
        return self.pseudonym("subject", *parts)

    def record(self, table, *parts):
        return self.pseudonym("record:" + table, *parts)


def tenants(directory):
    """All whose keys are there."""
    found = []
    for file in sorted(pathlib.Path(directory).glob("*.key")):
        entry = json.loads(file.read_text())
        if "tenant" in entry:
            found.append(Tenant(entry["tenant"], entry["kid"], base64.b64decode(entry["key"])))
    return found
