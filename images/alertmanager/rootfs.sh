#!/bin/sh
# Gathers what alertmanager needs to run without a distribution: programs, shared libraries, certificates, a static busybox.
# Usage: rootfs.sh <target>
set -eu
target=$1
programs="/usr/bin/busybox /usr/bin/prometheus-alertmanager /usr/bin/amtool"

mkdir -p "$target"/usr/bin "$target"/usr/lib "$target"/usr/lib64 "$target"/usr/share "$target"/etc/ssl/certs "$target"/alertmanager
mkdir -m 1777 "$target"/tmp
chown 65534:65534 "$target"/alertmanager
for folder in bin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done
# shellcheck disable=SC2086
libraries=$(ldd $programs 2>/dev/null | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | sort -u)
cd "$target"
# shellcheck disable=SC2086
cp -L --parents $programs $libraries .
# What messages are made of, where no template of ours is.
cp -rL --parents /usr/share/prometheus/alertmanager .
# The commands of the health check and of those who look in.
for command in cat sh wget; do ln -s busybox "usr/bin/$command"; done
cat /usr/share/ca-certificates/mozilla/* >etc/ssl/certs/ca-certificates.crt
echo 'root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/alertmanager:/bin/sh' >etc/passwd
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
