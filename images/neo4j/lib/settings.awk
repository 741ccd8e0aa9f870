# Prints a configuration file with the settings of the environment in place of its own.
# -v file=apoc takes the settings apoc.*, any other value all the rest.
BEGIN {
	split("ACCEPT_LICENSE_AGREEMENT AUTH AUTH_PATH CONF DEBUG DEPRECATION_WARNING EDITION HOME PLUGINS SHA256 TARBALL USERS_PATH", names, " ")
	for (i in names) reserved["NEO4J_" names[i]]
	for (variable in ENVIRON) {
		if (variable !~ /^NEO4J_[A-Za-z]/ || variable ~ /_FILE$/ || variable in reserved) continue
		setting = setting_of(variable)
		if ((setting ~ /^apoc\./) == (file == "apoc")) value[setting] = ENVIRON[variable]
	}
}

function setting_of(variable) {
	sub(/^NEO4J_/, "", variable)
	gsub(/__/, SUBSEP, variable)
	gsub(/_/, ".", variable)
	gsub(SUBSEP, "_", variable)
	return variable
}

{
	key = $0
	sub(/[ \t]*=.*/, "", key)
	if (!(key in value) || key == "server.jvm.additional") print
}

END {
	for (setting in value) {
		gsub(/[\r\n]+/, " ", value[setting])
		print setting "=" value[setting]
	}
}
