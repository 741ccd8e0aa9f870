#!/bin/sh
# Turns the jars that Maven resolved (/jars/lib, /jars/plugins) into the server's folders in $1.
set -eu
home=$1

# What the server brings, it brings in its own version: plugins come first on the class path.
for jar in /jars/plugins/*.jar; do
	artifact=${jar##*/}
	artifact=${artifact%-[0-9]*}
	for twin in "/jars/lib/$artifact"-[0-9]*.jar; do
		[ ! -e "$twin" ] || rm "$jar"
		break
	done
done

# The server loads every class below plugins/ in search of procedures: 600 classes there, 9,600 in the jars without any.
for jar in /jars/plugins/*.jar; do
	unzip -p "$jar" | grep -qaE 'Lorg/neo4j/procedure/(Procedure|UserFunction|UserAggregationFunction);' ||
		mv "$jar" /jars/lib/
done

# Libraries inside jars are unpacked at run time, into a /tmp that must not execute: they get a folder of their own.
mkdir -p "$home/native"
unzip -qoj /jars/lib/com.github.luben.zstd-jni-*.jar "linux/amd64/*" -d "$home/native"
unzip -qoj /jars/lib/net.java.dev.jna.jna-*.jar "com/sun/jna/linux-x86-64/*" -d "$home/native"
unzip -qoj /jars/lib/io.netty.netty-transport-native-epoll-*-linux-x86_64.jar "META-INF/native/*" -d "$home/native"
unzip -qoj /jars/lib/org.fusesource.jansi.jansi-*.jar "*/Linux/x86_64/libjansi.so" -d "$home/native"
mv "$home"/native/libzstd-jni-*.so "$home/native/libzstd-jni.so"
strip "$home"/native/*.so
for jar in /jars/lib/com.github.luben.zstd-jni-*.jar /jars/lib/net.java.dev.jna.jna-*.jar /jars/lib/org.fusesource.jansi.*.jar; do
	zip -qd "$jar" '*.so' '*.dll' '*.dylib' '*.jnilib' '*.a'
done
rm /jars/lib/io.netty.netty-transport-native-epoll-*.jar /jars/lib/io.netty.netty-transport-native-kqueue-*.jar

cp -a /jars/lib /jars/plugins "$home"
