#!/bin/sh
# Gathers what nginx needs to run without a distribution: binary, brotli module, shared libraries, wget for the health check.
# Usage: rootfs.sh <target>
set -eu
target=$1
module=/usr/lib/nginx/modules/ngx_http_brotli_static_module.so

mkdir -p "$target"/usr/bin "$target"/usr/sbin "$target"/usr/lib "$target"/usr/share/nginx "$target${module%/*}" "$target"/etc/nginx
mkdir -m 1777 "$target"/tmp
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$target/$folder"; done

cp /usr/sbin/nginx "$target"/usr/sbin/
cp "$module" "$target$module"
cp -L /bin/busybox "$target"/usr/bin/
for command in cat sh wget; do ln -s busybox "$target/usr/bin/$command"; done
cp /etc/nginx/mime.types "$target"/etc/nginx/
cp /etc/os-release "$target"/etc/

# The libraries that the programs name, the loader among them, where the loader expects them.
ldd /usr/sbin/nginx /bin/busybox \
    | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/lib64/" { print $1 }' | sort -u > /build/libraries
while read -r path; do
    folder=$target$(readlink -f "$(dirname "$path")")
    mkdir -p "$folder"
    cp -L "$path" "$folder"/
done < /build/libraries

echo 'root:x:0:0:root:/:/usr/sbin/nologin
nginx:x:101:101:nginx:/tmp:/usr/sbin/nologin' > "$target"/etc/passwd
echo 'root:x:0:
nginx:x:101:' > "$target"/etc/group

# What the image was built from, where scanners look for it: the Debian packages that own a copied file, their licences.
cd "$target"
mkdir -p var/lib/dpkg/status.d
cp -r --parents /usr/share/common-licenses .
{ cat /build/libraries; printf '%s\n' /usr/sbin/nginx /bin/busybox /etc/nginx/mime.types "$module"; } \
    | while read -r path; do readlink -f "$path"; done | xargs dpkg-query --search | cut -d: -f1 | sort -u \
    | while read -r package; do
        dpkg-query --status "$package" > var/lib/dpkg/status.d/"$package"
        cp -L --parents "/usr/share/doc/$package/copyright" .
    done
