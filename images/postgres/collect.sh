#!/bin/sh
# Copies what the image is made of from this system into the root folder given, and which packages that came from.
set -eu
root=$1

server=/usr/lib/postgresql/17
programs="/usr/bin/bash /usr/bin/locale /usr/bin/setpriv /usr/bin/zstd $(echo $server/bin/*)"
folders="$server/lib /usr/share/postgresql/17 /usr/share/zoneinfo /usr/lib/locale"

loaded=$(ldd $programs $server/lib/*.so)
if echo "$loaded" | grep 'not found'; then
	echo "collect.sh: name the packages of these libraries in the Dockerfile" >&2
	exit 1
fi
libraries=$(echo "$loaded" | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | sort -u)

# Not those that are package managers: nothing is installed where it runs.
for applet in $(busybox --list | grep -vE '^(dpkg|rpm)'); do
	ln -sf busybox "$root/usr/bin/$applet"
done
# The full setpriv replaces busybox's, which cannot change users.
cd "$root"
rm usr/bin/busybox usr/bin/setpriv
cp -L --parents /usr/bin/busybox $programs $libraries .
cp -a --parents $folders .

# Where scanners look for what the image is made of: the packages that own a copied file, and their licences.
mkdir -p var/lib/dpkg/status.d
cp /etc/os-release etc/
cp -r --parents /usr/share/common-licenses .
owned="/usr/bin/busybox $programs $(realpath $libraries) $server/lib/vector.so /usr/share/zoneinfo/UTC"
{ dpkg -S $owned | cut -d: -f1 && printf '%s\n' ca-certificates locales; } | sort -u |
	while read -r package; do
		dpkg-query -s "$package" >var/lib/dpkg/status.d/"$package"
		cp -L --parents "/usr/share/doc/$package/copyright" .
	done
