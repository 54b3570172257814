#!/usr/bin/env python3
"""What stands between an agent and its server: a name service, a captive portal, a proxy.

    peers.py dns ADDRESS ANSWER            every name has the address ANSWER
    peers.py portal ADDRESS PORT CERT KEY  a page for everybody, over TLS with a certificate of its own, or in the clear to those who do not ask for TLS
    peers.py connect ADDRESS PORT          HTTP proxy with CONNECT; says on standard output whom it connected to

Each prints `ready` when it listens.
"""

import socket
import socketserver
import ssl
import struct
import sys
import threading

PAGE = b"<html><title>Hotel</title><body>Please accept our terms.</body></html>"


def dns(address, answer):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    service = socket.socket(family, socket.SOCK_DGRAM)
    service.bind((address, 53))
    print("ready", flush=True)
    while True:
        query, client = service.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
        found = kind == 1
        head = query[:2] + struct.pack("!5H", 0x8180, 1, int(found), 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + socket.inet_aton(answer) if found else b""
        service.sendto(head + query[12:end] + record, client)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def portal(address, port, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            client = self.request
            client.settimeout(10)
            try:
                if client.recv(1, socket.MSG_PEEK) == b"\x16":
                    client = context.wrap_socket(client, server_side=True)
                while client.recv(65536):
                    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(PAGE)}\r\n\r\n"
                    client.sendall(head.encode() + PAGE)
            except OSError:
                pass

    serve(address, port, Handler)


def connect(address, port):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = self.request.recv(4096)
                    if not part:
                        return
                    head += part
                method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
                if method != "CONNECT":
                    self.request.sendall(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
                    return
                host, _, number = target.rpartition(":")
                other = socket.create_connection((host.strip("[]"), int(number)), 10)
                print(f"connected {target}", flush=True)
                self.request.sendall(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                back = threading.Thread(target=pump, args=(other, self.request), daemon=True)
                back.start()
                pump(self.request, other)
                back.join()
            except OSError:
                pass

    serve(address, port, Handler)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(address, port, handler):
    with Server((address, int(port)), handler) as server:
        print("ready", flush=True)
        server.serve_forever()


{"dns": dns, "portal": portal, "connect": connect}[sys.argv[1]](*sys.argv[2:])
