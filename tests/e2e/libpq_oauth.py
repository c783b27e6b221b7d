"""A client of libpq 18 that logs in by OAUTHBEARER: libpq_oauth.py LIBPQ CONNINFO, the token in OAUTH_TOKEN.

A process of its own: the library brings its own OpenSSL. Prints what the hook was asked and who pgward says this is, as JSON."""
import ctypes, json, os, sys

BEARER_TOKEN = 1  # PQAUTHDATA_OAUTH_BEARER_TOKEN


class Request(ctypes.Structure):  # PGoauthBearerRequest (libpq-fe.h)
    _fields_ = [("openid_configuration", ctypes.c_char_p), ("scope", ctypes.c_char_p), ("run", ctypes.c_void_p),
                ("cleanup", ctypes.c_void_p), ("token", ctypes.c_char_p), ("user", ctypes.c_void_p)]


HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
TOKEN = os.environ["OAUTH_TOKEN"].encode()
asked = []


@HOOK
def give_token(kind, _connection, data):
    if kind != BEARER_TOKEN:
        return 0
    request = ctypes.cast(data, ctypes.POINTER(Request)).contents
    asked.append([request.openid_configuration.decode(), (request.scope or b"").decode()])
    request.token = TOKEN
    return 1


def main():
    libpq = ctypes.CDLL(sys.argv[1])
    libpq.PQconnectdb.restype = libpq.PQexec.restype = ctypes.c_void_p
    libpq.PQerrorMessage.restype = libpq.PQgetvalue.restype = ctypes.c_char_p
    libpq.PQsetAuthDataHook(give_token)
    connection = ctypes.c_void_p(libpq.PQconnectdb(sys.argv[2].encode()))
    said = {"asked": asked, "libpq": libpq.PQlibVersion(), "error": libpq.PQerrorMessage(connection).decode()}
    if libpq.PQstatus(connection) == 0:
        result = ctypes.c_void_p(libpq.PQexec(connection, b"SHOW pgward.subject"))
        said["subject"] = libpq.PQgetvalue(result, 0, 0).decode()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
