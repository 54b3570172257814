#!/usr/bin/env bash
# A computer with real V4L2 webcams for tests, on machines that have neither: boots Debian's kernel with the virtual camera driver `vivid` under
# qemu, without KVM, and with `v4l2loopback`, which makes webcams (10 and 11) of what programs write into them (`camera.py feed`). The host's programs
# are there, read-only; the host's loopback services answer at 10.0.2.2.
#
# usage: run.sh FOLDER    boots; FOLDER is shared with the guest under the same path. The guest runs FOLDER/0.sh, then 1.sh and so on as they
#                         appear, and writes N.out (what it printed) and N.status (its exit status). A file FOLDER/end switches it off.
#                         FOLDER/guest is a folder in the guest's memory.
#        run.sh --alone FOLDER   boots without the host's files and without cameras: FOLDER/init is the first process, FOLDER/files names the host's files, one
#                         a line, that are copied into the guest's memory. It can be suspended (what is shared does not survive that).
#        run.sh --fetch   only downloads and unpacks what is needed, into ${XDG_CACHE_HOME:-$HOME/.cache}/invigil/camera-vm (once, 85 MB), and
#                         compiles v4l2loopback for that kernel there
#
# Needs apt's qemu-system-x86, busybox-static, python3, gcc, make and libelf1; kernel, headers and driver are downloaded and unpacked, never installed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/invigil/camera-vm

fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

# PACKAGE FOLDER WHAT...: out of a downloaded package.
unpack() {
  local package=$1 folder=$2
  shift 2
  dpkg-deb --fsys-tarfile "$cache/$package"_*.deb | tar -x -C "$folder" "$@"
}

fetch() {
  mkdir -p "$cache"
  # Two test runs at once must not unpack over each other.
  exec 9>"$cache/lock"
  flock 9
  if [ ! -e "$cache/kernel/complete" ] || ! compgen -G "$cache/kernel/lib/modules/*/kernel/extra/v4l2loopback.ko" >/dev/null; then
    local image release log=$cache/build.log
    image=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)$/\1/p' | head -n 1)
    [ -n "$image" ] || fail "apt knows no kernel package; run apt-get update"
    release=${image#linux-image-}
    local headers=(linux-headers-"$release" linux-headers-"${release%-amd64}-common" "linux-kbuild-$(cut -d. -f1-2 <<<"$release")")
    rm -rf "$cache/kernel" "$cache/vmlinux" "$cache/build" "$cache"/*.deb
    mkdir "$cache/kernel" "$cache/build"
    (cd "$cache" && apt-get -qq -o APT::Sandbox::User=root download "$image" "${headers[@]}" v4l2loopback-dkms) ||
      fail "downloading $image, its headers and v4l2loopback-dkms failed; run apt-get update"
    unpack "$image" "$cache/kernel" --wildcards \
      './boot/vmlinuz-*' './lib/modules/*/kernel/drivers/media/*' './lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/net/*.ko' \
      './lib/modules/*/kernel/net/core/*' './lib/modules/*/kernel/net/9p/*' './lib/modules/*/kernel/fs/*'
    local package
    for package in "${headers[@]}" v4l2loopback-dkms; do unpack "$package" "$cache/build" ./usr; done
    rm "$cache"/*.deb
    # The headers name each other by where they would be installed.
    local tree=$cache/build/usr/src/linux-headers-$release driver
    sed -i "s|/usr/src/|$cache/build/usr/src/|" "$tree/Makefile"
    driver=$(echo "$cache"/build/usr/src/v4l2loopback-*)
    nice -n 5 make -C "$tree" "M=$driver" modules >"$log" 2>&1 || fail "compiling v4l2loopback failed; see $log"
    mkdir "$cache/kernel/lib/modules/$release/kernel/extra"
    mv "$driver/v4l2loopback.ko" "$cache/kernel/lib/modules/$release/kernel/extra"
    rm -rf "$cache/build"
    touch "$cache/kernel/complete"
  fi
  # Without the lock's file descriptor in its children.
  exec 9>&-
}

fetch
[ "${1:-}" != --fetch ] || exit 0
alone=
[ "${1:-}" != --alone ] || { alone=yes; shift; }
[ $# -eq 1 ] || fail "expected a folder, before it --alone or nothing; or --fetch"
mkdir -p "$1/guest" "$1/boot"
work=$(readlink -f "$1")
case $work in *[!A-Za-z0-9/._-]*) fail "the folder's path may hold only letters, digits and / . _ -: $work" ;; esac
[ -z "$alone" ] || {
  python3 "$here/prepare.py" "$cache/kernel" "$work/init" "$(command -v busybox)" "$cache" "$work/boot" "$work/files"
  # From its packed image: only so has it what waking up needs.
  exec nice -n 5 qemu-system-x86_64 -accel tcg -cpu Nehalem -smp 1 -m 1536 -nodefaults -no-reboot -display none -serial "file:$work/console.log" \
    -rtc base=utc -kernel "$cache"/kernel/boot/vmlinuz-* -initrd "$work/boot/initrd" -append "console=ttyS0 quiet no_console_suspend panic=-1" \
    -nic user,model=virtio-net-pci </dev/null
}
python3 "$here/prepare.py" "$cache/kernel" "$here/init" "$(command -v busybox)" "$cache" "$work/boot"

# Niced, so that an emulated computer does not disturb what runs beside it.
exec nice -n 5 qemu-system-x86_64 -accel tcg -cpu "${INVIGIL_VM_CPU:-max}" -smp 2 -m 1024 -nodefaults -no-reboot -display none -serial "file:$work/console.log" \
  -rtc base=utc -kernel "$cache/vmlinux" -initrd "$work/boot/initrd" -append "console=ttyS0 quiet panic=-1 work=$work" \
  -nic user,model=virtio-net-pci \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$work,mount_tag=share,security_model=none" </dev/null
