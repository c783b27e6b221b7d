"""A certificate authority for an afternoon, and server certificates of it."""
from throwaway.process import run

_DAYS = "2"
_EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def make_authority(home):
    run(["openssl", "req", "-x509", *_EC, "-keyout", home / "ca.key", "-out", home / "ca.crt", "-days", _DAYS,
         "-subj", "/CN=throw-away CA", "-addext", "basicConstraints=critical,CA:TRUE"])
    return home / "ca.crt"


def make_certificate(home, name):
    """`name`.crt and `name`.key for this machine, signed by the authority in the same directory."""
    request, extensions = home / f"{name}.csr", home / f"{name}.ext"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    run(["openssl", "req", *_EC, "-keyout", home / f"{name}.key", "-out", request, "-subj", "/CN=localhost"])
    run(["openssl", "x509", "-req", "-in", request, "-CA", home / "ca.crt", "-CAkey", home / "ca.key",
         "-CAcreateserial", "-days", _DAYS, "-extfile", extensions, "-out", home / f"{name}.crt"])
    (home / f"{name}.key").chmod(0o600)
    return home / f"{name}.crt", home / f"{name}.key"


def make_client_certificate(home, name, names, usage="clientAuth", days="1", ca="ca"):
    """Of a client: `names` as in subjectAltName, such as URI:spiffe://..; the common name is `name`."""
    request, extensions = home / f"{name}.csr", home / f"{name}.ext"
    extensions.write_text((f"subjectAltName={names}\n" if names else "")
                          + (f"extendedKeyUsage={usage}\n" if usage else "") + "basicConstraints=CA:FALSE\n")
    run(["openssl", "req", *_EC, "-keyout", home / f"{name}.key", "-out", request, "-subj", f"/CN={name}"])
    run(["openssl", "x509", "-req", "-in", request, "-CA", home / f"{ca}.crt", "-CAkey", home / f"{ca}.key",
         "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", home / f"{name}.crt"])
    (home / f"{name}.key").chmod(0o600)
    return home / f"{name}.crt", home / f"{name}.key"
