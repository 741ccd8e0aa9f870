# shellcheck shell=sh
# The configuration of this start: the image's files, then /conf, then NEO4J_* variables.

check_plugins() {
	for plugin in $(printf %s "$1" | tr '[]",' '    '); do
		case $plugin in
		apoc | graph-data-science) ;;
		*) fail "NEO4J_PLUGINS: $plugin is not in this image, and nothing is downloaded at start." \
			"Allowed: apoc, graph-data-science. Both are always loaded: NEO4J_PLUGINS may be left out." ;;
		esac
	done
}

write_configuration() {
	mkdir -p "$run/import" "$run/logs" "$run/run"
	rm -rf "$NEO4J_CONF"
	cp -r "$NEO4J_HOME/conf" "$NEO4J_CONF"
	if [ -d /conf ] && [ -n "$(ls -A /conf)" ]; then
		cp /conf/* "$NEO4J_CONF/"
	fi
	if [ "${NEO4J_AUTH:-}" = none ]; then
		export NEO4J_dbms_security_auth__enabled=false
	fi
	for file in neo4j apoc; do
		awk -v file=$file -f $lib/settings.awk "$NEO4J_CONF/$file.conf" >"$NEO4J_CONF/$file.new"
		mv "$NEO4J_CONF/$file.new" "$NEO4J_CONF/$file.conf"
	done
	awk -f $lib/jvm.awk "$NEO4J_CONF/neo4j.conf" >"$run/jvm"
}
