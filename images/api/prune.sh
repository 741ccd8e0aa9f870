#!/bin/sh
# Takes out of a virtual environment what no running service reads, then compiles the rest.
# Usage: prune.sh <venv>
set -eu
venv=$1
packages=$venv/lib/python3.13/site-packages

rm -rf "$packages"/pip "$packages"/pip-*.dist-info "$venv"/bin/pip* "$venv"/include
# Databases that the platform does not have.
for dialect in mssql mysql oracle sqlite; do rm -rf "$packages/sqlalchemy/dialects/$dialect"; done
find "$packages" -depth \( \
    -type d \( -name tests -o -name testing -o -name test \) -o \
    -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) \
    \) -exec rm -rf {} +
find "$packages" -type f -name '*.so*' -exec strip --strip-unneeded {} +
# Content decides about the bytecode, not a timestamp: the layer is the same on every machine.
"$venv/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages"
