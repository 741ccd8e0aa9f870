#!/bin/sh
# Gathers what the exporters need to run without a distribution: programs, shared libraries, certificates, a static busybox.
# Usage: rootfs.sh <target>
set -eu
target=$1
programs=$(echo /usr/bin/busybox /usr/bin/prometheus-*-exporter)

mkdir -p "$target"/usr/bin "$target"/usr/lib "$target"/usr/lib64 "$target"/usr/share "$target"/etc/ssl/certs
mkdir -m 1777 "$target"/tmp
mkdir -p "$target"/var/lib/node-exporter
chown 65534:65534 "$target"/var/lib/node-exporter
for folder in bin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done
# shellcheck disable=SC2086
libraries=$(ldd $programs 2>/dev/null | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | sort -u)
cd "$target"
# shellcheck disable=SC2086
cp -L --parents $programs $libraries .
# The commands of the entrypoint and of the health check.
for command in cat id sed sh wget; do ln -s busybox "usr/bin/$command"; done
cat /usr/share/ca-certificates/mozilla/* >etc/ssl/certs/ca-certificates.crt
echo 'root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh' >etc/passwd
echo 'root:x:0:
nogroup:x:65534:' >etc/group
cp /etc/os-release etc/

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
# shellcheck disable=SC2046,SC2086
{ dpkg-query --search $programs $(realpath $libraries) | cut -d: -f1 && echo ca-certificates; } | sort -u |
	while read -r package; do
		dpkg-query --status "$package" >var/lib/dpkg/status.d/"$package"
		cp -L --parents "/usr/share/doc/$package/copyright" .
	done
