#!/usr/bin/env python3
"""What happens to cameras, inside the virtual machine: other programs, faults of the driver, and a webcam's firmware.

usage: camera.py hold DEVICE FILE
           another program: streams until FILE is there, and leaves a format and a rate behind that few programs know
       camera.py press DEVICE SECONDS CONTROL...
           presses buttons of the driver again and again, each once at least, by their names
       camera.py feed DEVICE FORMAT WIDTHxHEIGHT FPS PICTURE MODE
           a webcam that delivers the picture in the file PICTURE, in the way that the file MODE names: whole, corrupt, cut, none

Each prints the guest's boot time in seconds at its beginning and at its end, but for `feed`.
"""

import fcntl
import os
import pathlib
import struct
import sys
import time

CAPTURE, OUTPUT, MMAP = 1, 2, 1
NEXT_CONTROL = 0x8000_0000


def iowr(number: int, size: int) -> int:
    return 3 << 30 | size << 16 | ord("V") << 8 | number


S_FMT, REQBUFS, S_PARM, S_CTRL, QUERYCTRL = iowr(5, 208), iowr(8, 20), iowr(22, 204), iowr(28, 8), iowr(36, 68)


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def say() -> None:
    print(f"{boottime():.3f}", flush=True)


def set_format(device: int, kind: int, code: str, width: int, height: int) -> None:
    # type, padding, then width, height, pixel format, field (progressive); the driver fills in the rest.
    request = bytearray(208)
    struct.pack_into("<I4xII4sI", request, 0, kind, width, height, code.encode(), 1)
    fcntl.ioctl(device, S_FMT, request)


def set_rate(device: int, kind: int, seconds: int, pictures: int) -> None:
    request = bytearray(204)
    struct.pack_into("<IIIII", request, 0, kind, 0, 0, seconds, pictures)
    fcntl.ioctl(device, S_PARM, request)


def hold(path: str, end: str) -> None:
    device = os.open(path, os.O_RDWR)
    set_format(device, CAPTURE, "NV24", 640, 360)
    set_rate(device, CAPTURE, 2, 25)
    fcntl.ioctl(device, REQBUFS, bytearray(struct.pack("<IIIII", 2, CAPTURE, MMAP, 0, 0)))
    say()
    while not os.path.exists(end):
        time.sleep(0.05)
    os.close(device)
    say()


def controls(device: int) -> dict[str, int]:
    found, last = {}, 0
    while True:
        request = bytearray(68)
        struct.pack_into("<I", request, 0, last | NEXT_CONTROL)
        try:
            fcntl.ioctl(device, QUERYCTRL, request)
        except OSError:
            return found
        last, _, name = struct.unpack_from("<II32s", request)
        found[name.split(b"\0")[0].decode()] = last


def press(path: str, seconds: str, *names: str) -> None:
    device = os.open(path, os.O_RDWR)
    known = controls(device)
    buttons = [struct.pack("<Ii", known[name], 1) for name in names]
    say()
    end = boottime() + float(seconds)
    while True:
        for button in buttons:
            fcntl.ioctl(device, S_CTRL, bytearray(button))
        if boottime() >= end:
            break
        time.sleep(0.01)
    say()


def corrupt(picture: bytes, number: int) -> bytes:
    """Three kinds of damage in turn, behind the headers: a lost transfer, one that arrives as zeros, and an end that comes early."""
    headers = picture.index(b"\xff\xda") + 20
    at = headers + number * 7919 % (len(picture) - headers - 700)
    match number % 3:
        case 0:
            return picture[:at] + picture[at + 512 :]
        case 1:
            return picture[:at] + bytes(512) + picture[at + 512 :]
        case _:
            return picture[:at] + b"\xff\xd9" + picture[at + 2 :]


def feed(path: str, code: str, size: str, fps: str, file: str, mode: str) -> None:
    device = os.open(path, os.O_RDWR)
    width, height = map(int, size.split("x"))
    set_format(device, OUTPUT, code, width, height)
    set_rate(device, OUTPUT, 1, int(fps))
    picture = pathlib.Path(file).read_bytes()
    due, number = boottime(), 0
    while True:
        match pathlib.Path(mode).read_text().strip():
            case "whole":
                os.write(device, picture)
            case "corrupt":
                os.write(device, corrupt(picture, number))
            case "cut":
                os.write(device, picture[: len(picture) * (20 + number * 37 % 76) // 100])
        number += 1
        due = max(due + 1 / int(fps), boottime())
        time.sleep(max(0.0, due - boottime()))


def main() -> None:
    {"hold": hold, "press": press, "feed": feed}[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
