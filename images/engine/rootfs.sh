#!/bin/sh
# Gathers what HAProxy needs to run without a distribution: program, shared libraries, a static busybox.
# Usage: rootfs.sh <target>
set -eu
target=$1
programs="/usr/bin/busybox /usr/sbin/haproxy"

mkdir -p "$target"/usr/bin "$target"/usr/sbin "$target"/usr/lib "$target"/usr/lib64 "$target"/usr/share "$target"/etc \
	"$target"/run
mkdir -m 1777 "$target"/tmp
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done
mkdir "$target"/var && ln -s /run "$target"/var/run
# Threads end with the help of libgcc_s; the C library asks for it only then.
# shellcheck disable=SC2086
libraries=$(
	ldd $programs 2>/dev/null | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | sort -u
	ldconfig -p | awk '/libgcc_s.so.1/ { print $NF }'
)
cd "$target"
# shellcheck disable=SC2086
cp -L --parents $programs $libraries .
# The commands of the entrypoint, of the health check, and of whoever asks for the socket's group.
for command in id sh stat wget; do ln -s busybox "usr/bin/$command"; done
echo 'root:x:0:0::/:/bin/sh
haproxy:x:99:99::/:/bin/sh' >etc/passwd
echo 'root:x:0:
haproxy:x:99:' >etc/group
cp /etc/os-release etc/

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
# shellcheck disable=SC2046,SC2086
dpkg-query --search $programs $(realpath $libraries) | cut -d: -f1 | sort -u |
	while read -r package; do
		dpkg-query --status "$package" >var/lib/dpkg/status.d/"$package"
		cp -L --parents "/usr/share/doc/$package/copyright" .
	done
