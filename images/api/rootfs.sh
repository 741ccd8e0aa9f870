#!/bin/sh
# Gathers what Python needs to run without a distribution: interpreter, standard library, shared libraries, certificates.
# Usage: rootfs.sh <target> <venv>
set -eu
target=$1 venv=$2
library=/usr/lib/python3.13

mkdir -p "$target"/usr/bin "$target"/usr/lib "$target"/usr/share "$target"/etc/ssl/certs "$target"/app "$target"/run/secrets
mkdir -m 1777 "$target"/tmp
# Where a volume for uploads is mounted: a new volume takes over whose this folder is.
mkdir -p "$target"/srv/files && chown 10001:10001 "$target"/srv/files
for folder in bin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done

cp /usr/bin/python3.13 "$target"/usr/bin/
cp -r "$library" "$target"/usr/lib/
( cd "$target$library"
  rm -rf config-3.13-* ensurepip idlelib lib2to3 pydoc_data sqlite3 test tkinter turtledemo turtle.py venv
  cd lib-dynload && rm -f _ctypes_test* _curses* _dbm* _gdbm* _sqlite3* _test* _xxtestfuzz* readline* xxlimited*
)
find "$target$library" -name __pycache__ -prune -exec rm -rf {} +
python3.13 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$target" "$target$library"

# The libraries that the interpreter and every extension module name, the program loader among them.
find "$target" "$venv" -type f \( -name '*.so*' -o -name python3.13 \) -exec ldd {} + 2>/dev/null \
    | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^\\(" { print $1 }' \
    | grep -v "^$venv" | sort -u > /build/libraries
while read -r path; do
    mkdir -p "$target$(dirname "$(readlink -f "$(dirname "$path")")/x")"
    cp -L "$path" "$target$(readlink -f "$(dirname "$path")")/"
done < /build/libraries

cp /etc/ssl/certs/ca-certificates.crt "$target"/etc/ssl/certs/
cp -r /usr/share/zoneinfo "$target"/usr/share/
rm -rf "$target"/usr/share/zoneinfo/right "$target"/usr/share/zoneinfo/posix
cp /etc/os-release "$target"/etc/
echo 'root:x:0:0:root:/:/usr/sbin/nologin
api:x:10001:10001:api:/app:/usr/sbin/nologin' > "$target"/etc/passwd
echo 'root:x:0:
api:x:10001:' > "$target"/etc/group
echo 'hosts: files dns' > "$target"/etc/nsswitch.conf

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
cd "$target"
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
{ echo /usr/bin/python3.13; echo "$library/os.py"; cat /build/libraries; } \
    | while read -r path; do readlink -f "$path"; done | xargs dpkg-query --search | cut -d: -f1 > /build/owners
printf '%s\n' ca-certificates libpython3.13-stdlib python3.13-minimal tzdata | sort -u - /build/owners \
    | while read -r package; do
        dpkg-query --status "$package" > var/lib/dpkg/status.d/"$package"
        cp -L --parents "/usr/share/doc/$package/copyright" .
    done
