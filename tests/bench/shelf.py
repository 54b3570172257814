#!/usr/bin/python3
"""A plain HTTPS server that keeps what is PUT: the far end of what an administrator would take instead of the product (./invigil bench).

usage: shelf.py FOLDER CERT KEY

Listens on a free loopback port and prints it. A name must be a plain one; a file may have at most 64 MiB.
"""

import http.server
import pathlib
import re
import ssl
import sys

MOST_BYTES = 64 << 20


def main():
    folder, certificate, key = map(pathlib.Path, sys.argv[1:])

    class Shelf(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self):
            name, length = self.path.lstrip("/"), int(self.headers.get("content-length", -1))
            fine = re.fullmatch(r"[A-Za-z0-9._-]{1,80}", name) and 0 <= length <= MOST_BYTES
            if fine:
                (folder / name).write_bytes(self.rfile.read(length))
            self.send_response(201 if fine else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
