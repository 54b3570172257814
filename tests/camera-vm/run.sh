#!/usr/bin/env bash
# A computer with a real V4L2 webcam for tests, on machines that have neither: boots Debian's kernel with the virtual camera driver `vivid` under
# qemu, without KVM. The host's programs are there, read-only; the host's loopback services answer at 10.0.2.2.
#
# usage: run.sh FOLDER    boots; FOLDER is shared with the guest under the same path. The guest runs FOLDER/0.sh, then 1.sh and so on as they
#                         appear, and writes N.out (what it printed) and N.status (its exit status). A file FOLDER/end switches it off.
#                         FOLDER/guest is a folder in the guest's memory.
#        run.sh --fetch   only downloads and unpacks what is needed, into ${XDG_CACHE_HOME:-$HOME/.cache}/invigil/camera-vm (once, 70 MB)
#
# Needs apt's qemu-system-x86, busybox-static and python3; the kernel package is downloaded and unpacked, never installed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/invigil/camera-vm

fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

fetch() {
  mkdir -p "$cache"
  # Two test runs at once must not unpack over each other.
  exec 9>"$cache/lock"
  flock 9
  if [ ! -e "$cache/kernel/complete" ]; then
    local package
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)$/\1/p' | head -n 1)
    [ -n "$package" ] || fail "apt knows no kernel package; run apt-get update"
    rm -rf "$cache/kernel" "$cache/vmlinux" "$cache"/*.deb
    mkdir "$cache/kernel"
    (cd "$cache" && apt-get -qq -o APT::Sandbox::User=root download "$package") || fail "downloading $package failed; run apt-get update"
    dpkg-deb --fsys-tarfile "$cache/$package"_*.deb | tar -x -C "$cache/kernel" --wildcards \
      './boot/vmlinuz-*' './lib/modules/*/kernel/drivers/media/*' './lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/net/*.ko' \
      './lib/modules/*/kernel/net/core/*' './lib/modules/*/kernel/net/9p/*' './lib/modules/*/kernel/fs/*'
    rm "$cache"/*.deb
    touch "$cache/kernel/complete"
  fi
  # Without the lock's file descriptor in its children.
  exec 9>&-
}

fetch
[ "${1:-}" != --fetch ] || exit 0
[ $# -eq 1 ] || fail "expected a folder to share, or --fetch"
mkdir -p "$1/guest" "$1/boot"
work=$(readlink -f "$1")
case $work in *[!A-Za-z0-9/._-]*) fail "the folder's path may hold only letters, digits and / . _ -: $work" ;; esac
python3 "$here/prepare.py" "$cache/kernel" "$here/init" "$(command -v busybox)" "$cache" "$work/boot"

# Niced, so that an emulated computer does not disturb what runs beside it.
exec nice -n 5 qemu-system-x86_64 -accel tcg -cpu "${INVIGIL_VM_CPU:-max}" -smp 2 -m 640 -nodefaults -no-reboot -display none -serial "file:$work/console.log" \
  -rtc base=utc -kernel "$cache/vmlinux" -initrd "$work/boot/initrd" -append "console=ttyS0 quiet panic=-1 work=$work" \
  -nic user,model=virtio-net-pci \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$work,mount_tag=share,security_model=none" </dev/null
