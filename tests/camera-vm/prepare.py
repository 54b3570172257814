#!/usr/bin/env python3
"""Turns a Debian kernel package into what the cameras' virtual machine boots.

usage: prepare.py UNPACKED_KERNEL INIT_SCRIPT BUSYBOX KERNEL_FOLDER INITRD_FOLDER [FILES]

FILES names a file with one path of the host a line: these files are in the guest's memory then, and it sees nothing else of the host.

Writes KERNEL_FOLDER/vmlinux, once (the kernel out of its self-extracting image: emulated, unpacking it takes longer than everything else of the boot) and
INITRD_FOLDER/initrd (busybox, the modules with all that they depend on in the order of loading, the init script, and the files).
"""

import lzma
import pathlib
import re
import struct
import sys

NETWORK = ["virtio_pci", "virtio_net"]
CAMERAS = ["9pnet_virtio", "9p", "vivid", "v4l2loopback"]


def vmlinux(image: bytes) -> bytes:
    """The ELF kernel inside a bzImage (x86 boot protocol 2.08 or newer, compressed with xz as Debian does)."""
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    kernel = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(image[start : start + length])
    if not kernel.startswith(b"\x7fELF"):
        sys.exit("prepare.py: expected an ELF kernel packed with xz in the kernel package's image")
    return kernel


def in_loading_order(available: dict[str, pathlib.Path], wanted: list[str]) -> list[str]:
    """Each module after those that its `depends=` line names."""
    order: list[str] = []

    def add(name: str) -> None:
        name = name.replace("-", "_")
        if name in order or name not in available:
            return  # loaded already, or built into the kernel
        found = re.search(rb"\0depends=([^\0]*)\0", available[name].read_bytes())
        for needed in found.group(1).decode().split(",") if found else []:
            add(needed)
        order.append(name)

    for module in wanted:
        if module not in available:
            sys.exit(f"prepare.py: the kernel package holds no module {module}")
        add(module)
    return order


class Cpio:
    """An archive in the `newc` form that the kernel unpacks into its first file system."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.count = 0

    def add(self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self.count += 1
        path = name.encode() + b"\0"
        fields = [self.count, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0]
        self.bytes += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        self._align()
        self.bytes += data
        self._align()

    def _align(self) -> None:
        self.bytes += bytes(-len(self.bytes) % 4)


def initrd(modules: dict[str, pathlib.Path], init: bytes, busybox: bytes, files: list[pathlib.Path]) -> bytes:
    archive = Cpio()
    folders = {"bin", "dev", "proc", "sys", "modules", "host", "share"}
    folders.update(str(folder)[1:] for file in files for folder in file.parents if folder != folder.parent)
    for folder in sorted(folders):
        archive.add(folder, 0o40755)
    archive.add("dev/console", 0o20600, device=(5, 1))
    archive.add("dev/null", 0o20666, device=(1, 3))
    archive.add("bin/busybox", 0o100755, busybox)
    archive.add("bin/sh", 0o120777, b"busybox")
    for file in files:
        archive.add(str(file)[1:], 0o100755, file.read_bytes())
    order = in_loading_order(modules, NETWORK + ([] if files else CAMERAS))
    for name in order:
        archive.add(f"modules/{name}.ko", 0o100644, modules[name].read_bytes())
    archive.add("modules/order", 0o100644, "".join(f"{name}\n" for name in order).encode())
    archive.add("init", 0o100755, init)
    archive.add("TRAILER!!!", 0)
    return bytes(archive.bytes)


def main() -> None:
    kernel, init, busybox, out, initrd_folder = map(pathlib.Path, sys.argv[1:6])
    files = [pathlib.Path(line) for line in pathlib.Path(sys.argv[6]).read_text().splitlines()] if len(sys.argv) > 6 else []
    images = list(kernel.glob("boot/vmlinuz-*"))
    if len(images) != 1:
        sys.exit(f"prepare.py: expected one kernel below {kernel}, found {len(images)}")
    modules = {path.stem.replace("-", "_"): path for path in kernel.glob("lib/modules/*/kernel/**/*.ko")}
    target = out / "vmlinux"
    if not target.exists():
        part = target.with_suffix(".part")
        part.write_bytes(vmlinux(images[0].read_bytes()))
        part.rename(target)
    (initrd_folder / "initrd").write_bytes(initrd(modules, init.read_bytes(), busybox.read_bytes(), files))


if __name__ == "__main__":
    main()
