# Prints the flags of the Java machine that neo4j.conf asks for, one a line.
function flag(name, size) {
	size = tolower(size)
	gsub(/[ \t]|i?b$/, "", size)
	print name size
}

{
	value = $0
	sub(/^[^=]*=[ \t]*/, "", value)
}
/^server\.memory\.heap\.initial_size[ \t]*=/ { flag("-Xms", value) }
/^server\.memory\.heap\.max_size[ \t]*=/ { flag("-Xmx", value) }
/^server\.jvm\.additional[ \t]*=/ {
	gsub(/[ \t]+-/, "\n-", value) # one line may hold several flags
	print value
}
