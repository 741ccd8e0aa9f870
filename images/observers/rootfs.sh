#!/bin/sh
# Gathers what Python needs to run without a distribution: interpreter, standard library, shared libraries, busybox.
# Usage: rootfs.sh <target> <venv>
set -eu
target=$1 venv=$2
library=/usr/lib/python3.13
packages=$venv/lib/python3.13/site-packages

mkdir -p "$target"/usr/bin "$target"/usr/lib "$target"/usr/share "$target"/etc/ssl/certs "$target"/app
mkdir -m 1777 "$target"/tmp
for folder in bin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done

rm -rf "$packages"/pip "$packages"/pip-*.dist-info "$venv"/bin/pip* "$venv"/include
"$venv"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages"

# The health check's command: a Python process every other second would cost more than the exporters.
cp /usr/bin/busybox /usr/bin/python3.13 "$target"/usr/bin/
ln -s busybox "$target"/usr/bin/wget
cp -r "$library" "$target"/usr/lib/
(
	cd "$target$library"
	rm -rf config-3.13-* ensurepip idlelib lib2to3 pydoc_data sqlite3 test tkinter turtledemo turtle.py unittest venv
	cd lib-dynload && rm -f _ctypes_test* _curses* _dbm* _gdbm* _sqlite3* _test* _xxtestfuzz* readline* xxlimited*
)
find "$target$library" -name __pycache__ -prune -exec rm -rf {} +
python3.13 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$target" "$target$library"

# The libraries that the interpreter and every extension module name, the program loader among them.
# A thread that outlives the interpreter ends with the help of libgcc_s; the C library asks for it only then, or aborts.
{
	find "$target" "$venv" -type f \( -name '*.so*' -o -name python3.13 \) -exec ldd {} + 2>/dev/null |
		awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^\\(" { print $1 }'
	ldconfig -p | awk '/libgcc_s.so.1/ { print $NF }'
} | sort -u >/build/libraries
while read -r path; do
	folder=$(readlink -f "$(dirname "$path")")
	mkdir -p "$target$folder"
	cp -L "$path" "$target$folder"/
done </build/libraries

cp /etc/ssl/certs/ca-certificates.crt "$target"/etc/ssl/certs/
cp /etc/os-release "$target"/etc/
echo 'root:x:0:0:root:/:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/:/usr/sbin/nologin' >"$target"/etc/passwd
echo 'root:x:0:
nogroup:x:65534:' >"$target"/etc/group
echo 'hosts: files dns' >"$target"/etc/nsswitch.conf

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
cd "$target"
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
{ echo /usr/bin/busybox; echo /usr/bin/python3.13; echo "$library/os.py"; cat /build/libraries; } |
	while read -r path; do readlink -f "$path"; done | xargs dpkg-query --search | cut -d: -f1 >/build/owners
printf '%s\n' ca-certificates libpython3.13-stdlib | sort -u - /build/owners |
	while read -r package; do
		dpkg-query --status "$package" >var/lib/dpkg/status.d/"$package"
		cp -L --parents "/usr/share/doc/$package/copyright" .
	done
