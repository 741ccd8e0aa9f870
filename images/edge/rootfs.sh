#!/bin/sh
# Gathers what HAProxy needs to run without a distribution: binary, shared libraries, openssl, a few busybox commands.
# Usage: rootfs.sh <target>
set -eu
target=$1
programs="/usr/sbin/haproxy /usr/bin/openssl /usr/bin/busybox"

mkdir -p "$target"/usr/bin "$target"/usr/sbin "$target"/usr/lib "$target"/usr/share "$target"/etc "$target"/var/lib/edge
mkdir -m 1777 "$target"/tmp
chown 99:99 "$target"/var/lib/edge
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done
for program in $programs; do cp -L "$program" "$target$program"; done
# The commands of the entrypoint, of the maintenance switch and of the health check.
for command in cat date grep id mv rm sh sleep wget; do ln -s busybox "$target/usr/bin/$command"; done
cp /etc/os-release "$target"/etc/

# Debian links HAProxy with OpenTracing's client, which no configuration here names, and with jemalloc, without which it
# uses the C library's memory: 3.5 MB with the C++ library that both bring. Libraries without content take their place.
replaced="libopentracing-c-wrapper.so.0 libjemalloc.so.2"
nm -D --undefined-only /usr/sbin/haproxy | awk '$2 ~ /^otc_/ { print ".globl " $2 "\n" $2 ": ud2" }' > /build/unused.s
for library in $replaced; do
    as -o /build/unused.o /build/unused.s
    ld -shared -z noexecstack -soname "$library" -o "/build/$library" /build/unused.o
    : > /build/unused.s
done

# The libraries that the programs name, the program loader among them; by path, where the loader expects them.
# shellcheck disable=SC2086
LD_LIBRARY_PATH=/build ldd $programs \
    | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/lib64/" { print $1 }' | sort -u > /build/libraries
# Threads end with its help; the C library asks for it only then.
ldconfig -p | awk '/libgcc_s.so.1/ { print $NF }' >> /build/libraries
while read -r path; do
    folder=$(readlink -f "$(dirname "$path")")
    [ "$folder" != /build ] || folder=/usr/lib/$(uname -m)-linux-gnu
    mkdir -p "$target$folder"
    cp -L "$path" "$target$folder"/
done < /build/libraries

echo 'root:x:0:0:root:/:/usr/sbin/nologin
haproxy:x:99:99:haproxy:/var/lib/edge:/usr/sbin/nologin' > "$target"/etc/passwd
echo 'root:x:0:
haproxy:x:99:' > "$target"/etc/group

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
cd "$target"
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
# shellcheck disable=SC2086
{ grep -v '^/build/' /build/libraries; printf '%s\n' $programs; } \
    | while read -r path; do readlink -f "$path"; done | xargs dpkg-query --search | cut -d: -f1 | sort -u \
    | while read -r package; do
        dpkg-query --status "$package" > var/lib/dpkg/status.d/"$package"
        cp -L --parents "/usr/share/doc/$package/copyright" .
    done
