#!/usr/bin/env python3
"""A line between two network namespaces, with a rate, a delay and losses: shape.py NAMESPACE NAMESPACE.

The kernel's netem is not in every kernel; a TUN device is. Each namespace gets one, `line0`, and this program carries the IP packets between the two, so that
both ends use the kernel's own TCP over a line that is really thin, long or lossy. It prints `ready`, then reads one order a line:
`RATE_BYTES_PER_SEC DELAY_MS LOSS_PERCENT`, each for either direction; rate 0 is none, and loss 100 is a pulled cable.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
# What a router keeps before it drops: as much as it sends in this time.
QUEUE_SECS = 0.6
QUEUE_BYTES = 12_000


def open_end(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(handle, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"entering the network namespace {namespace} failed")
    os.close(handle)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"line0", IFF_TUN_NO_PI))
    return device


class Line:
    def __init__(self, ends):
        self.ends = ends
        self.rate = self.delay = self.loss = 0.0
        self.busy_until = [0.0, 0.0]
        self.on_the_way = []
        self.count = 0
        self.dice = random.Random(1)

    def take(self, end, now):
        for _ in range(64):
            try:
                packet = os.read(self.ends[end], 65536)
            except BlockingIOError:
                return
            if self.dice.random() < self.loss:
                continue
            at = max(now, self.busy_until[end])
            if self.rate:
                if (at - now) * self.rate > max(QUEUE_BYTES, self.rate * QUEUE_SECS):
                    continue
                at += len(packet) / self.rate
                self.busy_until[end] = at
            self.count += 1
            heapq.heappush(self.on_the_way, (at + self.delay, self.count, 1 - end, packet))

    def deliver(self, now):
        while self.on_the_way and self.on_the_way[0][0] <= now:
            _, _, end, packet = heapq.heappop(self.on_the_way)
            try:
                os.write(self.ends[end], packet)
            except OSError:
                pass  # The interface is down or its queue is full: lost, as on any line.


def main():
    line = Line([open_end(name) for name in sys.argv[1:3]])
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        line.deliver(now)
        wait = max(0.0, line.on_the_way[0][0] - now) if line.on_the_way else 1.0
        readable, _, _ = select.select([0, *line.ends], [], [], wait)
        now = time.monotonic()
        for end, device in enumerate(line.ends):
            if device in readable:
                line.take(end, now)
        if 0 in readable:
            order = os.read(0, 4096).decode()
            if not order:
                return
            rate, delay_ms, loss_percent = map(float, order.splitlines()[-1].split())
            line.rate, line.delay, line.loss = rate, delay_ms / 1000, loss_percent / 100
            print("ready", flush=True)


main()
