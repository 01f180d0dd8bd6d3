/** Radicale as it is, but with room for a burst of connections: its own queue of 5 makes the sixth wait a second. */
export const start = `from radicale import __main__, server

server.ParallelHTTPServer.request_queue_size = 128
__main__.run()
`;

/**
 * Radicale's login by app passwords of the directory, as a module of its own (`[auth] type = directory_login`). The one it
 * brings (3.5) takes a directory that is away for a wrong password, which makes phones ask for it again;
 * has no time limit; reads the schema at every login; and its `cache_logins` can check a request under
 * the name of somebody else's expired failure (Kozea/Radicale#2079).
 */
export const login = `import hmac
import os
import ssl
import threading
import time

import ldap3
from ldap3.core.exceptions import LDAPInvalidCredentialsResult
from ldap3.utils.conv import escape_filter_chars
from radicale.auth import BaseAuth

# Seconds a proven login is taken without asking again: enough for the burst of a device, and a password that was
# taken back is refused within the second.
REMEMBERED = 0.5
TIMEOUT = 5
# So many signs at the beginning of an app password say which one it is.
ID = 4


class Auth(BaseAuth):
    def __init__(self, configuration):
        super().__init__(configuration)

        def option(name):
            return configuration.get("auth", "ldap_" + name)

        self._uri = option("uri")
        self._tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=option("ssl_ca_file"))
        self._base = option("base")
        self._filter = option("filter")
        self._attribute = option("user_attribute")
        self._reader = (option("reader_dn"), option("secret"))
        self._key = os.urandom(32)
        self._proven = {}
        self._asking = [threading.Lock() for _ in range(256)]

    def _login(self, login, password):
        """The person's name, or "" for a wrong name or password. Raises where the directory is away."""
        if not password or "\\0" in login:
            return ""
        digest = hmac.digest(self._key, f"{login}\\0{password}".encode(), "sha256")
        # A device sends many requests at once: one of them asks, the others wait for what it learns.
        with self._asking[digest[0]]:
            now = time.monotonic()
            name, until = self._proven.get(digest, ("", 0))
            if now < until:
                return name
            name, asked = self._ask(login, password)
            known = {key: value for key, value in self._proven.copy().items() if now < value[1]}
            if name:
                known[digest] = (name, asked + REMEMBERED)
            self._proven = known
            return name

    def _ask(self, login, password):
        """The name as above, and a time before which the directory had not judged the password yet."""
        server = ldap3.Server(self._uri, tls=self._tls, get_info=ldap3.NONE, connect_timeout=TIMEOUT)
        user, secret = self._reader
        with ldap3.Connection(
            server, user, secret, raise_exceptions=True, receive_timeout=TIMEOUT
        ) as connection:
            connection.search(
                self._base,
                self._filter.format(escape_filter_chars(login), escape_filter_chars(password[:ID])),
                search_scope=ldap3.LEVEL,
                attributes=[self._attribute],
            )
            found = [entry for entry in connection.response if entry["type"] == "searchResEntry"]
            asked = time.monotonic()
            if len(found) != 1:
                return "", asked
            try:
                connection.rebind(found[0]["dn"], password)
            except LDAPInvalidCredentialsResult:
                return "", asked
            return found[0]["raw_attributes"][self._attribute][0].decode(), asked
`;
