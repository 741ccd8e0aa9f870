#!/bin/sh
# Gathers what the jobs need to run without a distribution: Python, restic, the stores' clients, their shared libraries.
# Usage: rootfs.sh <target> <venv>
set -eu
target=$1 venv=$2
library=/usr/lib/python3.13
packages=$venv/lib/python3.13/site-packages
postgres=/usr/lib/postgresql/17/bin

mkdir -p "$target"/usr/bin "$target"/usr/lib "$target"/usr/share "$target"/etc/ssl/certs "$target"/app "$target"/run/secrets
mkdir -m 1777 "$target"/tmp
# Where volumes are mounted: a new volume takes over whose these folders are, and who may write there.
for folder in work repository wal run/key; do install -d -m 0700 -o 10001 -g 10001 "$target/$folder"; done
# The stores' images write here under numbers of their own.
install -d -m 0777 "$target"/exchange
install -d -o 10001 -g 10001 "$target"/files
for folder in bin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done

rm -rf "$packages"/pip "$packages"/pip-*.dist-info "$venv"/bin/pip* "$venv"/include
find "$packages" -type f -name '*.so*' -exec strip --strip-unneeded {} +
"$venv"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages"

for tool in pg_basebackup pg_dump pg_dumpall pg_receivewal pg_restore psql; do cp "$postgres/$tool" "$target"/usr/bin/; done
cp /usr/bin/python3.13 /usr/bin/redis-cli /usr/bin/redis-server /usr/bin/restic "$target"/usr/bin/
# Redis' one program is also the tool that checks its files, by the name it is called.
ln -s redis-server "$target"/usr/bin/redis-check-rdb
cp -r "$library" "$target"/usr/lib/
(
	cd "$target$library"
	rm -rf config-3.13-* ensurepip idlelib lib2to3 pydoc_data sqlite3 test tkinter turtledemo turtle.py unittest venv
	cd lib-dynload && rm -f _ctypes_test* _curses* _dbm* _gdbm* _sqlite3* _test* _xxtestfuzz* readline* xxlimited*
)
find "$target$library" -name __pycache__ -prune -exec rm -rf {} +
python3.13 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$target" "$target$library"

# The libraries that the programs and every extension module name, the program loader among them.
{
	find "$target/usr/bin" -type f
	find "$target" "$venv" -type f -name '*.so*'
} | xargs ldd 2>/dev/null |
	awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^\\(" { print $1 }' |
	grep -v "^$venv" | sort -u >/build/libraries
while read -r path; do
	folder=$(readlink -f "$(dirname "$path")")
	mkdir -p "$target$folder"
	cp -L "$path" "$target$folder"/
done </build/libraries

cp /etc/ssl/certs/ca-certificates.crt "$target"/etc/ssl/certs/
cp /etc/os-release "$target"/etc/
echo 'root:x:0:0:root:/:/usr/sbin/nologin
backup:x:10001:10001:backup:/work:/usr/sbin/nologin' >"$target"/etc/passwd
echo 'root:x:0:
backup:x:10001:' >"$target"/etc/group
echo 'hosts: files dns' >"$target"/etc/nsswitch.conf

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
cd "$target"
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
{
	for tool in python3.13 redis-server redis-cli restic; do echo "/usr/bin/$tool"; done
	echo "$library/os.py"
	echo "$postgres/pg_dump"
	cat /build/libraries
} | while read -r path; do readlink -f "$path"; done | xargs dpkg-query --search | cut -d: -f1 >/build/owners
printf '%s\n' ca-certificates libpython3.13-stdlib redis-server redis-tools | sort -u - /build/owners |
	while read -r package; do
		dpkg-query --status "$package" >var/lib/dpkg/status.d/"$package"
		cp -L --parents "/usr/share/doc/$package/copyright" .
	done
